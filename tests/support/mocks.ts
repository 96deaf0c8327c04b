import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, type MockResourceArgs, type MockResourceResult } from "@pulumi/pulumi/runtime/mocks";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { expect } from "vitest";
import type { MachineInput, MachineResult } from "../../infra/commands/steps/machine";
import { awsFunctions, awsOutputs } from "./awsMocks";
import { servers } from "./fakeServer";

/** A resource as the program declared it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** Name of the resource that it belongs to; empty for the root. */
  readonly parent: string;
  /** The types of all that it belongs to, as its URN has them, the outermost first. */
  readonly within: string;
  /** What it is given; secrets are unwrapped. */
  readonly inputs: Record<string, unknown>;
  /** Paths of inputs that are secrets, such as `taskSpec.containerSpec.env`. */
  readonly secretInputs: readonly string[];
  /** Names of all resources that come before it. */
  readonly dependsOn: readonly string[];
  /** Name of the provider that makes it; undefined where it has none. */
  readonly provider: string | undefined;
  readonly protect: boolean;
  /** Name of the resource whose removal removes it as well; empty for none. */
  readonly deletedWith: string;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  /** Undefined where the program leaves it to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly additionalSecretOutputs: readonly string[];
}

/** What a program declared. */
export interface Recording {
  readonly resources: readonly Recorded[];
  /** What it returned, resolved. */
  readonly outputs: Record<string, unknown>;
  /** The resources of a type. */
  ofType(type: string): readonly Recorded[];
  /** The resource of a name; fails when there is none or more than one. */
  named(name: string): Recorded;
  /** Names of all that the engine waits for before a resource: what it depends on, its parents, and what those wait for. */
  before(name: string): ReadonlySet<string>;
}

/** What a recorded program finds in the world. */
export interface World {
  /** Name of the stack. */
  readonly stack: string;
  /** Outputs of other stacks, by name. @default none */
  readonly stacks?: Readonly<Record<string, Record<string, unknown>>>;
  /** What functions of providers answer, by token, asked through a provider, beside those of `awsFunctions`. @default any other is refused */
  readonly functions?: Readonly<
    Record<string, (inputs: Record<string, unknown>, provider?: string) => Record<string, unknown>>
  >;
}

/** What each step of `infra/commands/steps` answers, where that does not follow from what it is given. */
const stepResults: Readonly<Record<string, unknown>> = {
  peers: {},
  rdsTrust: { certificates: "-----BEGIN CERTIFICATE-----" },
  swarm: { nodeId: "node-1", made: true },
  join: { nodeId: "node-2" },
  place: {},
  proxyState: {},
  hold: { runsWith: "" },
  sharedFolder: {},
  sharedMount: {},
  rdsRole: {},
  image: { id: `sha256:${"1".repeat(64)}`, tag: "odoo-stacks/image:1" },
  firstDatabase: { made: true, modules: { base: "19.0.1.3" } },
  copy: { id: "20261125-120000-aaaaaa", key: "acme-prod latest ", dataFrom: "2026-11-25T12:00:00Z" },
  copyOnRds: { id: "20261127-060000-aaaaaa", key: "1", dataFrom: "2026-11-27T06:00:00Z" },
  moment: { at: "2026-11-27T05:30:00.000Z" },
  settled: {},
  release: { result: "released" },
  monitoring: { agent: "1.300064.0b1337" },
  restart: { trigger: "" },
  routes: { services: [] },
};

/** Computed outputs of each type that programs may declare; any other type is refused. */
const computed: Readonly<Record<string, (args: MockResourceArgs) => Record<string, unknown>>> = {
  "pulumi:pulumi:Stack": () => ({}),
  "pulumi:providers:docker": () => ({}),
  "pulumi:providers:aws": () => ({}),
  "docker:index/network:Network": withName,
  "docker:index/volume:Volume": withName,
  "docker:index/container:Container": withName,
  "docker:index/secret:Secret": withName,
  "docker:index/serviceConfig:ServiceConfig": withName,
  "docker:index/service:Service": withName,
  "random:index/randomPassword:RandomPassword": ({ name }) => ({ result: pulumi.secret(passwordOf(name)) }),
  "random:index/randomId:RandomId": () => ({ hex: "1a2b3c4d" }),
  "command:local:Command": (args) => {
    const { create, stdin } = args.inputs as { create: string; stdin: string };
    const step = /^node commands\/run\.cjs (\w+) create$/.exec(create)?.[1] ?? "";
    if (step === "machine") return { stdout: JSON.stringify(prepared((JSON.parse(stdin) as MachineInput).machine)) };
    if (!(step in stepResults)) throw new Error(`unknown step: ${create}`);
    return { stdout: JSON.stringify(stepResults[step]) };
  },
};

/** What is found on a machine, each with keys of its own. */
const prepared = (machine: MachineInput["machine"]): MachineResult => ({
  docker: "26.1.5",
  system: "Debian GNU/Linux 13 (trixie)",
  publicKey: `ssh-ed25519 key-of-${machine.name}`,
  hostKey: `ssh-ed25519 host-key-of-${machine.name}`,
});

/** The password that a recorded `RandomPassword` gets; a test looks for it where it must not be. */
export const passwordOf = (name: string): string => `secret-of-${name}`;

function withName(args: MockResourceArgs): Record<string, unknown> {
  return { name: (args.inputs as { name?: string }).name ?? `${args.name}-1a2b3c4` };
}

/** What earlier runs of a stack left in its state. */
const knownResources = (stack: string) =>
  Object.fromEntries(
    servers.state.map(({ type, name, outputs }) => [
      ...[`urn:pulumi:${stack}::odoo-stacks::${type}::${name}`, { type, outputs }],
    ]),
  ) as Record<string, unknown>;

/**
 * Runs a program against recorders instead of an engine, whose state of earlier runs is that of `servers`. Functions of providers
 * and types that the tables of mocks do not know are refused: nothing is made up.
 */
export async function record(program: () => Promise<unknown>, world: World): Promise<Recording> {
  const resources: Recorded[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (args) => answer(args, world),
    call: ({ token, inputs, provider }) => {
      if (token === "pulumi:pulumi:readStackResourceOutputs") {
        expect(inputs).toEqual({ stackName: `organization/odoo-stacks/${world.stack}` });
        return { outputs: knownResources(world.stack) };
      }
      const answerTo = world.functions?.[token] ?? awsFunctions[token];
      if (!answerTo) throw new Error(`unknown function: ${token}`);
      return answerTo(inputs as Record<string, unknown>, provider === undefined ? undefined : providerOf(provider));
    },
  };
  await pulumi.runtime.setMocks(mocks, "odoo-stacks", world.stack, false, "organization");
  pulumi.runtime.setMockOptions(new Recorder(mocks, resources), "odoo-stacks", world.stack, false, "organization");
  const failures: unknown[] = [];
  // A stack whose program fails leaves rejected promises behind that nobody can wait for: it is kept from it.
  const returned = await pulumi.runtime.runInPulumiStack(() =>
    program().catch((error: unknown) => void failures.push(error)),
  );
  await pulumi.runtime.disconnect();
  if (failures.length > 0) throw failures[0];
  return recordingOf(resources, (await resolve(returned ?? {})) as Record<string, unknown>);
}

function recordingOf(resources: readonly Recorded[], outputs: Record<string, unknown>): Recording {
  const keys = ["type", "name", "within"] as const;
  const twice = resources.filter(
    (one, at) => resources.findIndex((other) => keys.every((key) => other[key] === one[key])) !== at,
  );
  // An engine would refuse it.
  if (twice.length > 0) throw new Error(`declared twice: ${twice.map(({ name }) => name).join(", ")}`);
  const named = (name: string): Recorded => {
    const [found, ...more] = resources.filter((resource) => resource.name === name);
    if (found && more.length === 0) return found;
    throw new Error(
      `${found ? "several are" : "nothing is"} named ${name}: ${resources.map((r) => r.name).join(", ")}`,
    );
  };
  const before = (name: string, seen = new Set<string>()): ReadonlySet<string> => {
    const { dependsOn, parent } = named(name);
    for (const earlier of [...dependsOn, ...(parent ? [parent] : [])].filter((other) => !seen.has(other))) {
      before(earlier, seen.add(earlier));
    }
    return seen;
  };
  return {
    resources,
    outputs,
    named,
    before: (name) => before(name),
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
}

function answer(args: MockResourceArgs, world: World): MockResourceResult {
  const { type, name } = args;
  if (type === "pulumi:pulumi:StackReference") {
    const { name: full } = args.inputs as { name: string };
    const outputs = world.stacks?.[full.split("/").at(-1) ?? ""];
    if (!outputs) throw new Error(`unknown stack: ${full}`);
    return { id: full, state: { name: full, outputs, secretOutputNames: [] } };
  }
  if (!args.custom && type.startsWith("odoo-stacks:")) return { id: undefined, state: {} };
  if (type.startsWith("aws:")) return { id: `${name}-id`, state: awsOutputs(args) };
  const compute = computed[type];
  if (!compute) throw new Error(`unknown type: ${type} (${name})`);
  return { id: `${name}-id`, state: { ...(args.inputs as object), ...compute(args) } };
}

/** Pulumi's own mock, which also keeps the options that it does not hand to mocks. */
class Recorder extends MockMonitor {
  constructor(
    mocks: pulumi.runtime.Mocks,
    private readonly recorded: Recorded[],
  ) {
    super(mocks);
  }

  override async registerResource(
    request: RegisterResourceRequest,
    callback: (error: unknown, response: unknown) => void,
  ): Promise<void> {
    const secretInputs: string[] = [];
    const inputs = unwrap(request.getObject()?.toJavaScript() ?? {}, "", secretInputs) as Record<string, unknown>;
    this.recorded.push({
      type: request.getType(),
      name: request.getName(),
      parent: nameOf(request.getParent()),
      within: request.getParent().split("::").at(2) ?? "",
      inputs,
      secretInputs,
      dependsOn: request.getDependenciesList().map(nameOf),
      provider: providerOf(request.getProvider()),
      protect: request.getProtect() ?? false,
      deletedWith: nameOf(request.getDeletedwith()),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      deleteBeforeReplace: request.getDeletebeforereplacedefined() ? request.getDeletebeforereplace() : undefined,
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    });
    await super.registerResource(request, callback);
  }
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

/** What a resource names its provider by is the provider's URN, and its ID after that. */
const providerOf = (reference: string): string | undefined => reference.split("::").at(-2);

/** Takes secrets out of the form that Pulumi sends them in, and notes where they were. */
function unwrap(value: unknown, path: string, secrets: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => unwrap(item, `${path}[${index}]`, secrets));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig) {
    secrets.push(path);
    return unwrap(fields.value, path, secrets);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([key, inner]) => [key, unwrap(inner, path ? `${path}.${key}` : key, secrets)]),
  );
}

function resolve(value: object): Promise<unknown> {
  return new Promise((done) => pulumi.all(value as Record<string, unknown>).apply(done));
}

/** A program that only declares things. */
export const declaring = (declare: () => Record<string, unknown>) => (): Promise<Record<string, unknown>> =>
  Promise.resolve().then(declare);

/** The resources as an indented tree, sorted by name: what a golden file holds. */
export function tree(resources: readonly Recorded[], parent = "", indent = ""): string {
  return resources
    .filter((resource) => resource.parent === parent && resource.name !== parent)
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((resource) => {
      const notes = [
        ...(resource.protect ? ["protected"] : []),
        ...(resource.deleteBeforeReplace === false ? ["created before it is deleted"] : []),
        ...(resource.deleteBeforeReplace === true ? ["deleted before it is created"] : []),
      ];
      const line = `${indent}${resource.name} (${resource.type})${notes.length > 0 ? ` ${notes.join(", ")}` : ""}\n`;
      return line + tree(resources, resource.name, `${indent}  `);
    })
    .join("");
}
