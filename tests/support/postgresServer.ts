import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SnapshotDatabase } from "../../infra/operator/snapshotCommand";
import { docker } from "./docker";
import { must, sh, type ShellResult } from "./shell";
import { until } from "./until";

/** Where a server's volume is in its container. */
export const dataDir = "/var/lib/postgresql/odoo-stacks";

/** A server of the postgres image in a container that Docker starts again whenever it ends. */
export class PostgresServer implements SnapshotDatabase {
  /**
   * @param name Of its container, and of it on the network.
   * @param volume Name of the volume with its cluster.
   */
  constructor(
    readonly name: string,
    readonly volume: string,
    private readonly options: {
      readonly image: string;
      readonly network: string;
      readonly label: string;
      /** A folder for the file with its password. */
      readonly secrets: string;
    },
  ) {}

  /** Makes its container, in the place of the one that it has, and waits until it answers. */
  async start(password = "first-password"): Promise<void> {
    await this.create(password);
    await this.answers();
  }

  /** Makes its container, in the place of the one that it has. */
  async create(password = "first-password"): Promise<void> {
    const file = join(this.options.secrets, `${this.name}-${password}`);
    writeFileSync(file, password);
    chmodSync(file, 0o444);
    await sh(["docker", "rm", "--force", this.name]);
    await docker(
      ...["run", "--detach", "--init", "--restart", "always", "--name", this.name, "--label", this.options.label],
      ...["--network", this.options.network, "--env", "DATABASE=prod", "--volume", `${this.volume}:${dataDir}`],
      ...["--volume", `${file}:/run/secrets/odoo_password:ro`, this.options.image],
    );
  }

  /** Waits until it takes connections from the network. */
  async answers(seconds = 60): Promise<void> {
    await until(`${this.name} to answer`, seconds, async () => {
      const { exitCode } = await sh(["docker", "exec", this.name, "/opt/odoo-stacks/healthcheck.sh"]);
      return exitCode === 0;
    });
  }

  async container(): Promise<string> {
    const format = "{{if .State.Running}}{{.Id}}{{end}}";
    const id = await docker("inspect", "--format", format, this.name);
    if (!id) throw new Error(`${this.name} is not running`);
    return id;
  }

  /** Runs SQL as the superuser and returns what it prints. */
  async sql(sql: string): Promise<string> {
    const psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "/run/postgresql", "-U", "postgres", "-d", "prod"];
    const argv = ["docker", "exec", "--interactive", "--user", "postgres", this.name, ...psql];
    return (await must(argv, { input: sql })).stdout.trim();
  }

  /** Runs SQL from another container on the network, as the role `odoo`. */
  overNetwork(sql: string, password: string): Promise<ShellResult> {
    const url = `postgresql://odoo:${password}@${this.name}/prod`;
    return sh([
      ...["docker", "run", "--rm", "--network", this.options.network, "--label", this.options.label],
      ...["--entrypoint", "psql", this.options.image, "-XAtc", sql, url],
    ]);
  }

  /** Runs a shell script in the container. */
  shell(script: string): Promise<string> {
    return docker("exec", this.name, "sh", "-c", script);
  }

  /** Runs a shell script on its volume, in `/volume`, as the server's user, while no server runs. */
  onVolume(script: string): Promise<string> {
    return docker(
      ...["run", "--rm", "--network", "none", "--user", "postgres", "--volume", `${this.volume}:/volume`],
      ...[
        "--label",
        this.options.label,
        "--workdir",
        "/volume",
        "--entrypoint",
        "sh",
        this.options.image,
        "-ec",
        script,
      ],
    );
  }

  /** What is in its volume. */
  async files(): Promise<string[]> {
    return (await this.shell(`ls ${dataDir}`)).split("\n").filter(Boolean);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await sh(["docker", "kill", this.name]);
  }

  /** Starts it after {@link kill}. */
  async boot(): Promise<void> {
    await docker("start", this.name);
    await this.answers();
  }
}
