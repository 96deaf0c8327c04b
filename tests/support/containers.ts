import { randomBytes } from "node:crypto";
import { docker } from "./docker";
import { sh, type ShellResult } from "./shell";
import { until } from "./until";

/** How a container is run by a test. */
export interface ContainerOptions {
  readonly image: string;
  /** `source:path[:ro]`, the source being a volume or a file of this machine. */
  readonly volumes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Name on the test's network. */
  readonly alias?: string;
  /** Ports published on 127.0.0.1, whatever is free. */
  readonly publish?: readonly number[];
  /** Instead of the image's own user. */
  readonly user?: string;
  /** Instead of the image's own command. */
  readonly command?: readonly string[];
}

/**
 * Containers, volumes and one network of a run of a test file, all labelled with the file and the run, so that all of them
 * can be removed whatever happened, and no other run's.
 */
export class Containers {
  private readonly labels: readonly string[];
  private readonly run: string;
  private readonly prefix: string;
  private count = 0;

  /** @param test What the test file is about; part of every name and the value of the label `odoo-stacks.test`. */
  constructor(test: string) {
    const random = randomBytes(3).toString("hex");
    this.prefix = `odoo-stacks-test-${test}-${random}`;
    this.run = `odoo-stacks.test-run=${random}`;
    this.labels = ["--label", `odoo-stacks.test=${test}`, "--label", this.run];
  }

  /** The network that its containers are on; made by {@link createNetwork}. */
  get network(): string {
    return this.prefix;
  }

  createNetwork(): Promise<string> {
    return docker("network", "create", ...this.labels, this.network);
  }

  /** Makes a volume and returns its name. */
  volume(): Promise<string> {
    return docker("volume", "create", ...this.labels, this.name("volume"));
  }

  /** Starts a container and returns its name. */
  async start(options: ContainerOptions): Promise<string> {
    const name = this.name("container");
    await docker(...["run", "--detach", "--init", "--name", name, ...this.flags(options)]);
    return name;
  }

  /** Runs a container to its end and returns what it did; it is gone afterwards. */
  runToEnd(options: ContainerOptions, timeoutSeconds = 300): Promise<ShellResult> {
    return sh(["docker", "run", "--rm", "--init", "--name", this.name("run"), ...this.flags(options)], {
      timeoutSeconds,
    });
  }

  /** Waits until a container's own health check succeeds. */
  async healthy(container: string, seconds: number): Promise<void> {
    await until(`${container} to be healthy`, seconds, async () => {
      const [state, health] = (await inspect(container, "{{.State.Status}} {{.State.Health.Status}}")).split(" ");
      if (state === "exited") throw new Error(`it ended:\n${await logs(container)}`);
      return health === "healthy";
    });
  }

  /** Removes its containers, also after a failure; volumes and the network stay. */
  async stopAll(): Promise<void> {
    await this.remove(["ps", "--all"], ["rm", "--force", "--volumes"]);
  }

  /** Removes everything, also after a failure. */
  async removeAll(): Promise<void> {
    await this.stopAll();
    await this.remove(["volume", "ls"], ["volume", "rm", "--force"]);
    await this.remove(["network", "ls"], ["network", "rm"]);
  }

  private async remove(list: readonly string[], remove: readonly string[]): Promise<void> {
    const found = (await docker(...list, "--quiet", "--filter", `label=${this.run}`)).split("\n").filter(Boolean);
    if (found.length > 0) await docker(...remove, ...found);
  }

  private name(kind: string): string {
    this.count += 1;
    return `${this.prefix}-${kind}-${this.count}`;
  }

  private flags(options: ContainerOptions): string[] {
    return [
      ...this.labels,
      ...["--network", this.network],
      ...(options.alias ? ["--network-alias", options.alias] : []),
      ...(options.volumes ?? []).flatMap((volume) => ["--volume", volume]),
      ...Object.entries(options.env ?? {}).flatMap(([key, value]) => ["--env", `${key}=${value}`]),
      ...(options.user ? ["--user", options.user] : []),
      ...(options.publish ?? []).flatMap((port) => ["--publish", `127.0.0.1::${port}`]),
      options.image,
      ...(options.command ?? []),
    ];
  }
}

/** What Docker says of a container, in a Go template. */
export const inspect = (container: string, format: string): Promise<string> =>
  docker("inspect", "--format", format, container);

/** Everything that a container has written. */
export const logs = async (container: string): Promise<string> => (await sh(["docker", "logs", container])).all;

/** The port of this machine that leads to a container's. */
export const publishedPort = async (container: string, port: number): Promise<number> =>
  Number((await docker("port", container, `${port}/tcp`)).split("\n")[0]?.split(":").at(-1));
