import { type Asked, check, type Failure, madeUp, nameProperty } from "./check";
import type { Declarations, Declared } from "./declarations";
import { difference, type Difference } from "./diff";
import { actionFor, awsError, type Deed, saidBy } from "./errors";
import type { Fault } from "./faults";
import { kindOf, pathOf } from "./kinds";
import type { Kind, Made } from "./kinds/kind";
import { hexOf, type Properties, randomHex, text, unknown } from "./values";
import type { Thing, World } from "./world";

/** Where a provider works: what its configuration says. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly defaultTags: Properties;
}

/** A resource as it came to be. */
export interface Existing {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** The simulated AWS, as a provider of resources. The engine keeps their state; what exists is in the world. */
export class Provider {
  constructor(
    private readonly declarations: Declarations,
    private readonly world: World,
    private readonly place: Place,
    private readonly faults: readonly Fault[],
  ) {}

  check(asked: Asked): { inputs: Properties; failures: Failure[] } {
    return check(asked, kindOf(asked.type), this.declarations);
  }

  diff(type: string, olds: Properties, news: Properties): Difference {
    const [kind, { inputs, outputs }] = [kindOf(type), this.declared(type)];
    return difference(kind, olds, news, outputs, nameProperty(kind, inputs));
  }

  /** What a preview knows of a resource that would be made. */
  planned(type: string, inputs: Properties): Properties {
    const computed = Object.entries(this.declared(type).outputs).filter(([, { optional }]) => !optional);
    return { ...Object.fromEntries(computed.map(([name]) => [name, unknown])), ...known(inputs) };
  }

  create(type: string, given: Properties): Existing {
    const kind = kindOf(type);
    this.failIfAsked(type, "create", "");
    const inputs = { ...known(given), ...this.nameOf(type, kind, given) };
    const region = text(inputs, "region") || this.place.region;
    const name = this.named(type, kind, inputs);
    const refused = kind.refuses?.(inputs, { ...this.place, region, world: this.world });
    if (refused) throw this.error(type, "create", name, refused);
    if (name && this.taken(type, kind, name, region)) {
      const code = kind.taken ?? "EntityAlreadyExists";
      throw this.error(type, "create", name, `${code}: ${name} already exists.`);
    }
    const made = this.make(kind, inputs, name, region);
    const outputs = this.outputsOf(type, kind, made, {});
    this.put(type, made, outputs);
    kind.created?.(made);
    return { id: made.id, inputs, outputs };
  }

  update(type: string, id: string, before: Existing, given: Properties): Properties {
    const kind = kindOf(type);
    this.failIfAsked(type, "update", id);
    const smaller = (kind.grows ?? []).find((key) => Number(given[key] ?? 0) < Number(before.inputs[key] ?? 0));
    if (smaller !== undefined && given[smaller] !== undefined) {
      throw this.error(type, "update", id, `InvalidParameterValue: ${smaller} can't be made smaller.`);
    }
    const inputs = known(given);
    const name = this.named(type, kind, inputs) || this.named(type, kind, before.outputs);
    const region = text(before.outputs, "region") || this.place.region;
    const arn = text(before.outputs, "arn") || this.arnOf(kind, id, name, region);
    const made: Made = { ...this.place, region, world: this.world, inputs, id, name, arn };
    const outputs = this.outputsOf(type, kind, made, before.outputs);
    this.put(type, made, outputs);
    kind.created?.(made);
    return outputs;
  }

  /** A resource as it is; undefined where it is gone. */
  read(type: string, id: string, state: Existing | undefined): Existing | undefined {
    kindOf(type);
    this.failIfAsked(type, "read", id);
    const thing = this.world.find(type, id);
    if (thing) return { id, inputs: thing.inputs, outputs: thing.outputs };
    return this.world.kept ? undefined : state;
  }

  delete(type: string, id: string, outputs: Properties): void {
    const kind = kindOf(type);
    this.failIfAsked(type, "delete", id);
    const thing = this.world.find(type, id);
    if (this.world.kept && !thing) return;
    const inputs = thing?.inputs ?? outputs;
    const protection = kind.protectedBy;
    const refused =
      // AWS's provider takes the protection off by itself where that is asked for.
      protection && (thing?.outputs ?? outputs)[protection] === true && inputs.forceDestroy !== true
        ? `OperationNotPermitted: ${protection} keeps ${id} from being deleted.`
        : (kind.refusesEnd?.(inputs) ?? this.held(kind, type, id));
    if (refused) throw this.error(type, "delete", id, refused);
    const name = this.named(type, kind, inputs);
    const region = text(outputs, "region") || this.place.region;
    kind.deleted?.({ ...this.place, region, world: this.world, inputs, id, name, arn: text(outputs, "arn") });
    this.world.remove(type, id);
  }

  private declared(type: string): Declared {
    const declared = this.declarations.resource(type);
    if (!declared) throw new Error(`@pulumi/aws has no ${type}`);
    return declared;
  }

  /** The name that AWS makes up for a resource that only has the beginning of one. */
  private nameOf(type: string, kind: Kind, inputs: Properties): Properties {
    const property = nameProperty(kind, this.declared(type).inputs);
    const prefix = property === undefined ? "" : text(inputs, `${property}Prefix`);
    return property !== undefined && prefix && !inputs[property] ? { [property]: prefix + randomHex(17) } : {};
  }

  private named(type: string, kind: Kind, inputs: Properties): string {
    const property = nameProperty(kind, this.declared(type).inputs);
    return property === undefined ? "" : text(inputs, property);
  }

  private taken(type: string, { unique = "region" }: Kind, name: string, region: string): boolean {
    const { account } = this.place;
    const near = (other: Thing) =>
      unique === "world" || (other.account === account && (unique === "account" || other.region === region));
    return unique !== "no" && this.world.ofType(type).some((other) => other.name === name && near(other));
  }

  /** Why something can't go yet: what else names it. */
  private held({ held }: Kind, type: string, id: string): string | undefined {
    if (!held) return undefined;
    const user = this.world.all().find((other) => !(other.type === type && other.id === id) && names(other.inputs, id));
    const code = type.startsWith("aws:ec2/") ? "DependencyViolation" : "ResourceInUse";
    return user && `${code}: resource ${id} has a dependent object (${user.id})`;
  }

  private make(kind: Kind, inputs: Properties, name: string, region: string): Made {
    const made = { ...this.place, region, world: this.world, inputs, name };
    if (kind.id === "arn") {
      const arn = this.arnOf(kind, "", name, region);
      return { ...made, id: arn, arn };
    }
    const id = idOf(kind, inputs, name);
    return { ...made, id, arn: this.arnOf(kind, id, name, region) };
  }

  private arnOf({ arn = "" }: Kind, id: string, name: string, region: string): string {
    if (!arn) return "";
    const parts: Readonly<Record<string, string>> = {
      id,
      name,
      region,
      account: this.place.account,
      hex: randomHex(16),
    };
    return `arn:aws:${arn.replaceAll(/\{(\w+)\}/g, (_, part: string) => parts[part] ?? "")}`;
  }

  /** What a program reads of a resource: what it gave, what AWS makes of it, and something of the right type for the rest. */
  private outputsOf(type: string, kind: Kind, made: Made, before: Properties): Properties {
    const { outputs } = this.declared(type);
    const rest = Object.entries(outputs)
      .filter(([, { optional }]) => !optional)
      .map(([name, { list, map, block, plain }]) => {
        const text = `simulated-${name}`;
        const single = map || block ? {} : { string: text, number: 0, boolean: false, other: text }[plain];
        return [name, before[name] ?? (list ? [] : single)] as const;
      });
    const tags =
      "tagsAll" in outputs ? { tagsAll: { ...this.place.defaultTags, ...(made.inputs.tags as Properties) } } : {};
    return {
      ...Object.fromEntries(rest),
      region: made.region,
      ...("arn" in outputs ? { arn: made.arn } : {}),
      ...kind.outputs?.(made),
      ...made.inputs,
      ...tags,
    };
  }

  private put(type: string, { id, account, region, name, inputs }: Made, outputs: Properties): void {
    this.world.put({ type, id, account, region, ...(name ? { name } : {}), inputs, outputs });
  }

  private failIfAsked(type: string, deed: Deed, id: string): void {
    const fault = this.faults.find((one) => one.token === type && one.deed === deed);
    if (fault) throw awsError(going(type, deed, id), this.action(type, deed), this.place.account, fault.code);
  }

  private error(type: string, deed: Deed, id: string, said: string): Error {
    return saidBy(going(type, deed, id), this.action(type, deed), this.place.account, said);
  }

  private action(type: string, deed: Deed): string {
    return actionFor(pathOf(type), kindOf(type).action, deed);
  }
}

/** `creating EC2 Instance (web)`. */
function going(type: string, deed: Deed, id: string): string {
  const [module = ""] = pathOf(type).split("/");
  const verb = { create: "creating", read: "reading", update: "updating", delete: "deleting" }[deed];
  return `${verb} ${module.toUpperCase()} ${type.split(":")[2] ?? ""}${id ? ` (${id})` : ""}`;
}

function idOf({ id }: Kind, inputs: Properties, name: string): string {
  if (typeof id === "function") return id(inputs);
  if (id === "name") return name;
  if (id === "uuid") return hexOf(randomHex(32), 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return `${id}${randomHex(17)}`;
}

/** Inputs without what is only for this provider. */
const known = (inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== madeUp));

/** Whether a value is, or has somewhere in it, a text. */
function names(value: unknown, id: string): boolean {
  if (value === id) return true;
  return typeof value === "object" && value !== null && Object.values(value).some((inner) => names(inner, id));
}
