import {
  type EngineEvent,
  LocalWorkspace,
  type OpMap,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { swarmInit } from "../../infra/commands/docker";
import { ensureEngine } from "../../infra/engine";
import { engineEnvironment } from "../../infra/engine/environment";
import { ensurePlugins } from "../../infra/engine/plugins";
import { removeNamed, swarmState } from "./docker";
import { must } from "./shell";

/** The passphrase of these stacks; what it protects lives for a minute. */
const passphrase = "for this test only";

/** A resource as the engine keeps it: what is secret is encrypted in it. */
export interface Kept {
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  /** Whether it is the old one of a replacement that still has to go. */
  readonly delete?: boolean;
}

/** What a run did or would do to the program's resources: `{ create: 1, same: 2 }`. */
export type Changes = Readonly<Partial<OpMap>>;

/** What a run did. */
export interface RunOutcome {
  readonly changes: Changes;
  /** Outputs of the program. */
  readonly outputs: Readonly<Record<string, { value: unknown; secret: boolean }>>;
  /** Everything that the engine printed. */
  readonly printed: string;
  /** The operations on the program's resources in the order in which they were begun, as `create name`. */
  readonly steps: readonly string[];
}

/** What a stack needs beside the engine. */
export interface PluginStackOptions {
  /** Whether its program uses Docker. @default true */
  readonly docker?: boolean;
  /** A home of the engine's for this stack alone, in its folder, and what is to be put into it. @default the usual one */
  readonly install?: (home: string) => Promise<void>;
  /** Variables that Pulumi runs with. @default none */
  readonly variables?: Readonly<Record<string, string>>;
}

/** How a run is listened to. */
interface Listeners {
  readonly color: "never";
  readonly onOutput: (text: string) => void;
  readonly onEvent: (event: EngineEvent) => void;
}

/** A stack on the real engine and the real plugins, with a state of its own; its program may differ from run to run. */
export class PluginStack {
  private constructor(
    private readonly stack: Stack,
    private readonly folder: string,
    /** What the names of its resources have to begin with; nobody else's do. */
    readonly prefix: string,
    private readonly docker: boolean,
  ) {}

  /** Makes one with nothing in it. The machine's Docker Engine is in a Swarm afterwards, if its program uses Docker. */
  static async create({ docker = true, install, variables }: PluginStackOptions = {}): Promise<PluginStack> {
    const report = (line: string) => console.log(line);
    const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-plugins-"));
    const found = await ensureEngine(report);
    const home = join(folder, "home");
    const engine = await ensurePlugins(install ? { ...found, home } : found, report);
    await install?.(home);
    if (docker && (await swarmState()) !== "active") await must(swarmInit("127.0.0.1"));
    mkdirSync(join(folder, "state"));
    const stack = await LocalWorkspace.createStack(
      { stackName: "test", projectName: "plugins", program: () => Promise.resolve() },
      {
        workDir: folder,
        pulumiCommand: await PulumiCommand.get({ root: dirname(engine.binDir), skipVersionCheck: true }),
        pulumiHome: engine.home,
        secretsProvider: "passphrase",
        envVars: {
          ...engineEnvironment(engine),
          PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: passphrase,
          ...variables,
        },
      },
    );
    return new PluginStack(stack, folder, `plg${randomBytes(3).toString("hex")}`, docker);
  }

  /** Changes variables that Pulumi runs with from now on. */
  setVariables(variables: Readonly<Record<string, string>>): void {
    Object.assign(this.stack.workspace.envVars, variables);
  }

  /** Runs a program for real. */
  up(program: PulumiFn, signal?: AbortSignal): Promise<RunOutcome> {
    return this.collect(async (options) => {
      this.stack.workspace.program = program;
      const result = await this.stack.up({ ...options, signal });
      return { changes: result.summary.resourceChanges ?? {}, outputs: result.outputs };
    });
  }

  /** Runs a program without changing anything. */
  preview(program: PulumiFn): Promise<RunOutcome> {
    return this.collect(async (options) => {
      this.stack.workspace.program = program;
      return { changes: (await this.stack.preview(options)).changeSummary, outputs: {} };
    });
  }

  /** Compares the state with what is really there. */
  refresh(): Promise<RunOutcome> {
    return this.collect(async (options) => {
      const result = await this.stack.refresh(options);
      return { changes: result.summary.resourceChanges ?? {}, outputs: {} };
    });
  }

  /** Removes everything that it declared. */
  destroy(): Promise<RunOutcome> {
    return this.collect(async (options) => {
      const result = await this.stack.destroy(options);
      return { changes: result.summary.resourceChanges ?? {}, outputs: {} };
    });
  }

  private async collect(run: (options: Listeners) => Promise<Pick<RunOutcome, "changes" | "outputs">>) {
    let printed = "";
    const steps: string[] = [];
    const counted: Record<string, number> = {};
    const { changes, outputs } = await run({
      color: "never",
      onOutput: (text) => (printed += text),
      onEvent: ({ resourcePreEvent }) => {
        const { op = "", urn = "", type = "" } = resourcePreEvent?.metadata ?? {};
        // The engine counts the stack among its resources; a refresh never changes that.
        if (type === "pulumi:pulumi:Stack") counted[op === "refresh" ? "same" : op] = -1;
        else if (op && !type.startsWith("pulumi:")) steps.push(`${op} ${urn.split("::").at(-1) ?? ""}`);
      },
    });
    for (const [op, count] of Object.entries(changes)) counted[op] = (counted[op] ?? 0) + count;
    const happened = Object.entries(counted).filter(([, count]) => count > 0);
    return { changes: Object.fromEntries(happened), outputs, printed, steps };
  }

  /** What the engine keeps of the resources of a type, in the order in which they were made. */
  kept(type: string): Kept[] {
    const { checkpoint } = JSON.parse(this.stateFile()) as { checkpoint: { latest: { resources?: Kept[] } | null } };
    return (checkpoint.latest?.resources ?? []).filter((resource) => resource.type === type);
  }

  /** The file with the state, as it is on the disk. */
  stateFile(): string {
    return readFileSync(join(this.folder, "state/.pulumi/stacks/plugins/test.json"), "utf8");
  }

  /** Removes what it declared, whatever state it is in, and its folder. */
  async remove(): Promise<void> {
    if (this.docker) await removeNamed(this.prefix);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
