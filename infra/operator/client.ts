import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import * as docker from "../commands/docker";
import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { labels } from "../core/labels";
import type { Report } from "../core/report";
import type { JournalState } from "./journal";
import type { MoveRecord, MoveState } from "./move/plan";
import type { ReleasePlan, ReleaseRecord } from "./plan";
import type { Overview } from "./show";
import type { KeptTests } from "./tests";

/** What the machine knows of the others: `infra/commands/steps/peers.ts` puts it there. */
export const peersMount: docker.Argv = ["--volume", "/etc/odoo-stacks:/etc/odoo-stacks:ro"];

/** Name of the operator's container. There is one at a time, so that two commands can't change an environment at once. */
export const operatorName = (stack: string): string => `${stack}-operator`;

/** Name of the volume with an environment's journal, history and sets. */
export const releasesVolume = (stack: string): string => `${stack}-releases`;

/** The ID of a release: `20261123-191500-1a2b3c`. It sorts by time. */
export function newId(now = new Date()): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${time}-${randomBytes(3).toString("hex")}`;
}

/** Where the operator's image has its program. */
const program = ["node", "/opt/odoo-stacks/main.js"];

/** Prints, in a container of the operator's image, what the volume mounted there holds. */
export const showCommand: docker.Argv = [...program, "show"];

/** Prints what the volume of an environment's releases holds; changes nothing. */
export const askArgv = (image: string, stack: string, command: string): docker.Argv => [
  ...["docker", "run", "--rm", "--network", "none", "--volume", `${releasesVolume(stack)}:/releases:ro`],
  ...[image, command],
];

/** What an operator is given beside its volumes. */
export interface OperatorOptions {
  /** Whether the platform has other machines, which it reaches as its own machine does. */
  readonly hasPeers?: boolean;
  /** Further mounts, as `docker run --volume` takes them. */
  readonly mounts?: readonly string[];
  /** Further options of `docker run`. */
  readonly options?: docker.Argv;
}

/** Starts an operator that goes on when whoever started it is gone, and after a restart of the machine. */
export const startArgv = (
  image: string,
  stack: string,
  volumes: ReleasePlan["volumes"],
  command: readonly [name: string, plan: string],
  hasPeers = false,
): docker.Argv => [
  ...["docker", "run", "--detach", "--name", operatorName(stack), "--restart", "unless-stopped"],
  ...operatorOptions(stack, volumes, hasPeers),
  ...[image, ...command],
];

/** Runs an operator to its end; it prints its result. */
export const runArgv = (
  image: string,
  stack: string,
  volumes: ReleasePlan["volumes"],
  command: readonly string[],
  more: OperatorOptions = {},
): docker.Argv => [
  ...["docker", "run", "--rm", "--interactive", "--name", operatorName(stack)],
  ...operatorOptions(stack, volumes, more.hasPeers),
  ...(more.mounts ?? []).flatMap((mount) => ["--volume", mount]),
  ...(more.options ?? []),
  ...[image, ...command],
];

function operatorOptions(stack: string, volumes: ReleasePlan["volumes"], hasPeers = false): docker.Argv {
  return [
    ...(hasPeers ? peersMount : []),
    ...Object.entries(labels(stack, "operator")).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...["--volume", "/var/run/docker.sock:/var/run/docker.sock"],
    ...["--volume", `${volumes.releases}:/releases`, "--volume", `${volumes.filestore}:/filestore`],
    ...["--log-opt", "max-size=10m", "--log-opt", "max-file=3"],
  ];
}

/** The operator of an environment, as seen by whoever asks something of it. */
export class OperatorClient {
  private readonly env: Record<string, string>;

  /**
   * @param image ID of the operator's image.
   * @param stack The environment's stack.
   * @param machine The machine with its files: its Engine as `DOCKER_HOST` names it (@default `DOCKER_HOST`), and whether the
   *   platform has others.
   */
  constructor(
    readonly image: string,
    readonly stack: string,
    private readonly machine: { readonly dockerHost?: string; readonly hasPeers?: boolean } = {},
  ) {
    this.env = machine.dockerHost ? { DOCKER_HOST: machine.dockerHost } : {};
  }

  /**
   * What is known of the environment's releases; undefined before the first.
   * @throws Error when its machine does not answer.
   */
  async overview(): Promise<Overview | undefined> {
    // Docker would make a volume that is not there.
    const volume = ["docker", "volume", "inspect", releasesVolume(this.stack)];
    const { exitCode, stderr } = await attempt(volume, { env: this.env, timeoutSeconds: 30 });
    if (exitCode !== 0 && /no such volume/i.test(stderr)) return undefined;
    if (exitCode !== 0) throw new Error(`The records of ${this.stack}'s releases can't be read: ${stderr.trim()}`);
    const shown = await run(askArgv(this.image, this.stack, "show"), { env: this.env, timeoutSeconds: 60 });
    const found = JSON.parse(shown) as Overview;
    return found.current ? found : undefined;
  }

  /** The release that an operator is at. */
  async underWay(): Promise<JournalState | undefined> {
    const journal = (await this.askRunning("state")) as JournalState | null;
    return journal && !journal.outcome ? journal : undefined;
  }

  /** The move of the database that an operator is at. */
  async moveUnderWay(): Promise<MoveState | undefined> {
    const state = (await this.askRunning("move-state")) as MoveState | null;
    return state && !state.outcome ? state : undefined;
  }

  /** What the operator that is at work says; null where there is none. */
  private async askRunning(command: "state" | "move-state"): Promise<unknown> {
    const filters = Object.entries(labels(this.stack, "operator")).map(([key, value]) => `${key}=${value}`);
    const argv = docker.containersWithLabels(filters);
    const running = (await run(argv, { env: this.env, timeoutSeconds: 30 })).trim().split("\n")[0];
    if (!running) return null;
    const state = await attempt(docker.exec(running, [...program, command]), { env: this.env, timeoutSeconds: 30 });
    return state.exitCode === 0 ? JSON.parse(state.stdout) : null;
  }

  /** Keeps a report of tests with the history. */
  async keepTests(tests: KeptTests): Promise<void> {
    const volume = ["--volume", `${releasesVolume(this.stack)}:/releases`];
    const argv = ["docker", "run", "--rm", "--interactive", "--network", "none", ...volume, this.image, "keep-tests"];
    await run(argv, { env: this.env, input: JSON.stringify(tests), timeoutSeconds: 120 });
  }

  /**
   * Makes sure that no operator is at work.
   * @throws UserError that says whose it is.
   */
  async requireIdle(): Promise<void> {
    const journal = await this.underWay();
    if (journal) throw busy(journal);
    const name = operatorName(this.stack);
    const inspect = ["docker", "inspect", "--format", "{{.State.Status}}", name];
    const { stdout } = await attempt(inspect, { env: this.env, timeoutSeconds: 30 });
    if (stdout.trim() === "running") {
      throw new UserError(`Another command is at work on ${this.stack}.`, [
        {
          path: name,
          expected: "one command at a time",
          found: "one that changes the maintenance, puts data back, moves it, or makes a copy of data",
          hint: `Try again when it has ended: docker logs --follow ${name}`,
        },
      ]);
    }
  }

  /** Makes way for a new operator: one that has ended goes. */
  private async claim(): Promise<void> {
    await this.requireIdle();
    const name = operatorName(this.stack);
    // One that Docker starts again and again is replaced as well: the next one goes on from its journal.
    await attempt(["docker", "rm", "--force", name], { env: this.env, timeoutSeconds: 30 });
  }

  /**
   * Runs a command of the operator to its end and returns what it printed.
   * @param more Further mounts and options of `docker run`, and text for its standard input: the way for what must not be an
   *   argument.
   */
  async run(
    volumes: ReleasePlan["volumes"],
    command: readonly string[],
    report: Report,
    more: OperatorOptions & { readonly input?: string } = {},
  ): Promise<string> {
    await this.claim();
    const { hasPeers } = this.machine;
    const argv = runArgv(this.image, this.stack, volumes, command, { hasPeers, ...more });
    return run(argv, { env: this.env, report, input: more.input });
  }

  /** Hands a command over to an operator that goes on by itself. */
  async start(volumes: ReleasePlan["volumes"], command: readonly [string, string]): Promise<void> {
    await this.claim();
    const argv = startArgv(this.image, this.stack, volumes, command, this.machine.hasPeers);
    await run(argv, { env: this.env, timeoutSeconds: 60 });
  }

  /**
   * Passes on what the operator reports until it ends, and returns the record that it prints last. One that crashed is
   * started again by Docker, and followed on.
   */
  async follow(report: Report): Promise<ReleaseRecord> {
    return (await this.recordOf(report)) as ReleaseRecord;
  }

  /** The same for a move of the database. */
  async followMove(report: Report): Promise<MoveRecord> {
    return (await this.recordOf(report)) as MoveRecord;
  }

  private async recordOf(report: Report): Promise<unknown> {
    const name = operatorName(this.stack);
    for (let since = "0"; ;) {
      const next = new Date().toISOString();
      const argv = ["docker", "logs", "--follow", "--since", since, name];
      const last = (await run(argv, { env: this.env, report })).trim().split("\n").at(-1) ?? "";
      if (last.startsWith("{")) return JSON.parse(last);
      const status = ["docker", "inspect", "--format", "{{.State.Status}}", name];
      const { stdout } = await attempt(status, { env: this.env, timeoutSeconds: 30 });
      if (!["running", "restarting", "created"].includes(stdout.trim())) break;
      since = next;
      await delay(500);
    }
    throw new Error(`The operator ended without a record: docker logs ${name} tells more.`);
  }
}

/** Another release is under way. */
export function busy({ plan, startedAt }: JournalState): UserError {
  return new UserError(`Another release of ${plan.stack} is under way.`, [
    {
      path: operatorName(plan.stack),
      expected: "one release at a time",
      found: `release ${plan.id} of ${plan.image.tag}, begun by ${plan.author.user}@${plan.author.host} at ${startedAt}`,
      hint: `Wait for it to end: docker logs --follow ${operatorName(plan.stack)}`,
    },
  ]);
}
