import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { nearest } from "../core/nearest";
import { UserError } from "../core/errors";
import { type ListedMachine, machinesIn } from "./listedMachines";

/** What a stack's file says of it, as far as commands need it. */
export interface StackFile {
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  /** What an environment is for; undefined on other kinds. */
  readonly stage?: string;
  /** The platform that an environment is placed on; undefined on other kinds. */
  readonly platform?: string;
  /** The environment that it is a copy of; undefined where it has data of its own. */
  readonly source?: string;
  /** Age at which it may be removed, as its file has it; undefined where it never is. */
  readonly expiresAfter?: string;
  /** Its machines, with the manager first; none on other kinds, and where the machine is this one. */
  readonly machines: readonly ListedMachine[];
  /** Where an environment's file has attachments and sessions: a folder that machines have in common, or the name of a volume. */
  readonly filestore?: { readonly path?: string; readonly volume?: string };
  /** Whether an environment's file has its database on RDS. @default false */
  readonly onRds?: boolean;
  /** Whether it is in a container, and the file has an instance on RDS beside that, which it is to go to. @default false */
  readonly toRds?: boolean;
  /** Folder with the user's modules, relative to the project. */
  readonly addons: string;
  /** Odoo's version. */
  readonly version: string;
}

/** Where the stacks' files are, inside the project. */
export const stacksDir = (project: string) => join(project, "stacks");

/** All stacks that have a file, platforms first, since environments are placed on them; copies after what they are copies of. */
export function listStacks(project: string): StackFile[] {
  const files = readdirSync(stacksDir(project)).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
  const stacks = files.map((file) =>
    readStack(file.slice("Pulumi.".length, -".yaml".length), join(stacksDir(project), file)),
  );
  const depth = (stack: StackFile, seen: readonly string[] = []): number => {
    const source = stacks.find(({ name }) => name === stack.source);
    return source && !seen.includes(stack.name) ? 1 + depth(source, [...seen, stack.name]) : 0;
  };
  const rank = (stack: StackFile) =>
    stack.kind === "platform" ? 0 : stack.stage === "production" ? 1 : 2 + depth(stack);
  return stacks.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function readStack(name: string, file: string): StackFile {
  const document = parseDocument(readFileSync(file, "utf8"));
  const [error] = document.errors;
  if (error) {
    throw new UserError("A stack's file can't be read.", [
      { path: file, expected: "YAML", found: error.message.split("\n")[0] ?? "", hint: "https://yaml.org/spec/1.2.2" },
    ]);
  }
  const { config = {} } = (document.toJS() ?? {}) as { config?: Record<string, unknown> | null };
  const text = (key: string) => {
    const value = config?.[`odoo-stacks:${key}`];
    return typeof value === "string" ? value : undefined;
  };
  const restore = config?.["odoo-stacks:restore"] as { source?: string } | null | undefined;
  const odoo = config?.["odoo-stacks:odoo"] as { version?: string } | undefined;
  const filestore = config?.["odoo-stacks:filestore"] as { path?: unknown; volume?: unknown } | null | undefined;
  const database = config?.["odoo-stacks:database"] as { kind?: unknown; rds?: unknown } | null | undefined;
  const textIn = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    name,
    file,
    kind: text("kind") ?? "unknown",
    stage: text("stage"),
    platform: text("platform"),
    source: typeof restore?.source === "string" ? restore.source : undefined,
    expiresAfter: text("expiresAfter"),
    machines: machinesIn(name, config ?? {}),
    filestore: filestore ? { path: textIn(filestore.path), volume: textIn(filestore.volume) } : undefined,
    onRds: database?.kind === "rds",
    toRds: database?.kind !== "rds" && typeof database?.rds === "object" && database.rds !== null,
    addons: text("addons") ?? "addons",
    version: odoo?.version ?? "19.0",
  };
}

/** The machines of a stack's platform, as its file says, the manager first; none where it is on this one. */
export function machinesOf({ name, platform }: StackFile, all: readonly StackFile[]): StackFile["machines"] {
  return all.find((stack) => stack.name === (platform ?? name))?.machines ?? [];
}

/**
 * The stacks that a name means: the stack of that name, or all whose names begin with it and a hyphen (`local` means
 * `local-platform`, `local-prod` …), platforms first.
 */
export function findStacks(project: string, name: string): StackFile[] {
  const all = listStacks(project);
  const found = all.filter((stack) => stack.name === name);
  const group = found.length > 0 ? found : all.filter((stack) => stack.name.startsWith(`${name}-`));
  if (group.length > 0) return group;
  const names = all.map((stack) => stack.name);
  const groups = [...new Set(names.filter((stack) => stack.includes("-")).map((stack) => stack.split("-")[0] ?? ""))];
  const meant = nearest(name, [...names, ...groups]);
  throw new UserError("No such stack.", [
    {
      path: `stacks/Pulumi.${name}.yaml`,
      expected: `one of ${names.join(", ")}, or the beginning they share: ${groups.join(", ")}`,
      found: `"${name}"`,
      hint: meant ? `Did you mean "${meant}"?` : undefined,
    },
  ]);
}
