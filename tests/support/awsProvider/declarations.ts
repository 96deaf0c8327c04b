import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A member of an interface of `@pulumi/aws`, as far as checks and made-up outputs need it. */
export interface Member {
  readonly optional: boolean;
  /** The interface that its value has, as in `ec2.InstanceRootBlockDevice`. */
  readonly block?: string;
  readonly list: boolean;
  readonly map: boolean;
  /** The plain type, where it has no block. */
  readonly plain: "string" | "number" | "boolean" | "other";
}

/** Members by their name. */
export type Members = Readonly<Record<string, Member>>;

/** What `@pulumi/aws` declares of a resource. */
export interface Declared {
  readonly inputs: Members;
  readonly outputs: Members;
}

/** Reads what resources take and give out of the type declarations of an installed `@pulumi/aws`, when it is first asked. */
export class Declarations {
  private readonly resources = new Map<string, Declared | undefined>();
  private readonly blocks = new Map<string, Members>();
  private readonly texts = new Map<string, string>();

  /** @param directory The folder of the package. */
  constructor(private readonly directory: string) {}

  /**
   * What a resource takes and gives.
   * @param type As in `aws:ec2/instance:Instance`.
   * @returns undefined where the package has no such resource.
   */
  resource(type: string): Declared | undefined {
    if (!this.resources.has(type)) this.resources.set(type, this.readResource(type));
    return this.resources.get(type);
  }

  /** What a block of inputs takes, as in `ec2.InstanceRootBlockDevice`. */
  block(name: string): Members {
    const found = this.blocks.get(name);
    if (found) return found;
    const [module, short] = name.includes(".") ? name.split(".") : ["", name];
    const text = this.text("types/input.d.ts");
    const from = module ? text.indexOf(`\nexport declare namespace ${module} {`) : 0;
    const members = membersOf(text, `interface ${short ?? ""} {`, from);
    if (!members) throw new Error(`@pulumi/aws declares no block ${name}`);
    this.blocks.set(name, members);
    return members;
  }

  private readResource(type: string): Declared | undefined {
    const [, path = "", name = ""] = type.split(":");
    let text: string;
    try {
      text = this.text(`${path.replace(/^index\//, "")}.d.ts`);
    } catch {
      return undefined;
    }
    const inputs = membersOf(text, `interface ${name}Args {`, 0) ?? {};
    const outputs = membersOf(text, `class ${name} extends pulumi.CustomResource {`, 0);
    return outputs && { inputs, outputs };
  }

  private text(file: string): string {
    const found = this.texts.get(file) ?? readFileSync(join(this.directory, file), "utf8");
    this.texts.set(file, found);
    return found;
  }
}

/**
 * The members of an interface or class, whose text is generated and so regular: one member at a fixed indentation each.
 * @param head The text that it begins with.
 * @param from Where to look for it.
 */
function membersOf(text: string, head: string, from: number): Members | undefined {
  const start = from < 0 ? -1 : text.indexOf(head, from);
  if (start < 0) return undefined;
  const indent = start - (text.lastIndexOf("\n", start) + 1);
  const outer = /^ */.exec(text.slice(start - indent, start))?.[0] ?? "";
  const end = text.indexOf(`\n${outer}}`, start);
  const body = text.slice(start, end).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  // A type may go over several lines; it ends where the next member begins, or with the body.
  const own = `^${outer} {4}`;
  const member = new RegExp(`${own}(?:readonly )?(\\w+)(\\?)?: ([\\s\\S]*?);(?=\\s*${own}\\w|\\s*$(?![\\s\\S]))`, "gm");
  return Object.fromEntries(
    [...body.matchAll(member)].map(([, name = "", mark, type = ""]) => [name, read(type, mark)]),
  );
}

function read(type: string, mark: string | undefined): Member {
  const block = /\b(?:inputs|outputs)\.([\w.]+)/.exec(type)?.[1];
  const map = /\[key: string\]/.test(type);
  const value = type.replace("[key: string]", "");
  const plain = (["string", "number", "boolean"] as const).find((name) => new RegExp(`\\b${name}\\b`).test(value));
  const kind = plain ?? (/\benums\./.test(value) ? "string" : "other");
  return { optional: mark === "?" || /\bundefined\b/.test(type), block, list: /\[\]/.test(type), map, plain: kind };
}
