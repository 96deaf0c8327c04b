import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** The name of a file in `infra/commands/steps`. */
export type StepName =
  | "machine"
  | "monitoring"
  | "peers"
  | "swarm"
  | "join"
  | "place"
  | "proxyState"
  | "sharedFolder"
  | "sharedMount"
  | "image"
  | "firstDatabase"
  | "copy"
  | "copyOnRds"
  | "moment"
  | "release"
  | "restart"
  | "routes"
  | "settled"
  | "hold"
  | "rdsRole"
  | "rdsTrust";

/** What a step is given. */
export interface StepArgs {
  /** Which step; its file documents what it does on create, update and delete. */
  readonly step: StepName;
  /** Passed to it as JSON on standard input; may hold secrets, which then are secrets in the state as well. */
  readonly input: pulumi.Input<Record<string, unknown>>;
}

/**
 * A Command resource that runs one of this project's own steps. It runs again when its input changes and, where the step
 * says so, undoes itself on delete. What it prints on standard output is its result, as JSON.
 */
export class Step extends command.local.Command {
  constructor(name: string, args: StepArgs, opts?: pulumi.CustomResourceOptions) {
    // The engine runs commands in the folder of the program's entry point; an absolute path would differ by machine, and
    // every difference runs the command again.
    const program = `node commands/run.cjs ${args.step}`;
    super(
      name,
      {
        create: `${program} create`,
        update: `${program} update`,
        delete: `${program} delete`,
        stdin: pulumi.jsonStringify(args.input),
        logging: command.local.Logging.Stderr,
        addPreviousOutputInEnv: true,
      },
      opts,
    );
  }

  /**
   * What the step printed, as an object of the type that it documents. A checker that loads the program without an engine answers
   * with any text, as if a command had printed it: then nothing of the result is known, and the rest of the program is still declared.
   */
  result<T>(): pulumi.Output<T> {
    return this.stdout.apply((text) => (text.startsWith("{") ? JSON.parse(text) : {}) as T);
  }
}

/**
 * Options of a step on a machine that may be away: it is not run then, whatever has changed, and Pulumi keeps in mind what it was
 * given last, so that the first `up` that finds the machine back runs it.
 */
export const whileAway = (away = false): pulumi.CustomResourceOptions => (away ? { ignoreChanges: ["stdin"] } : {});
