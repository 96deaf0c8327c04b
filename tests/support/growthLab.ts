import { randomBytes } from "node:crypto";
import { OdooClient } from "./odoo";
import { Project, type StackValues } from "./project";
import { ServerHost } from "./serverHost";
import { sh, type ShellOptions, type ShellResult, succeeded } from "./shell";
import { type Visits, whileVisited } from "./visits";

/** Copying images to a fresh machine takes most of it; several times that on a busy machine. */
const upSeconds = 850;

/** The folder that the first two machines have in common, as a mounted network file system. */
export const sharedFolder = "/mnt/odoo";

/** A topology by its letter. */
export type Letter = "A" | "B" | "C";

/** Three machines, and a production that grows from one of them to all. */
export class GrowthLab {
  private constructor(
    readonly project: Project,
    /** The manager, with production and the proxy. */
    readonly one: ServerHost,
    /** Staging and development; in C production as well. */
    readonly two: ServerHost,
    /** PostgreSQL of production. */
    readonly db: ServerHost,
    private readonly volume: string,
  ) {}

  /** Starts the machines; nothing is on them yet. */
  static async open(): Promise<GrowthLab> {
    const volume = `odoo-stacks-shared-${randomBytes(3).toString("hex")}`;
    const shared = [`${volume}:${sharedFolder}`];
    const hosts: ServerHost[] = [];
    try {
      for (const volumes of [shared, shared, []]) hosts.push(await ServerHost.start(volumes));
      const [one, two, db] = hosts as [ServerHost, ServerHost, ServerHost];
      return new GrowthLab(await Project.copied(), one, two, db, volume);
    } catch (error) {
      await removeHosts(hosts, volume);
      throw error;
    }
  }

  /** The machines go with all that was declared on them. */
  async close(): Promise<void> {
    await removeHosts([this.one, this.two, this.db], this.volume);
    this.project.forget();
  }

  /** The platform's configuration as a topology. */
  platformValues(letter: Letter): StackValues {
    const machine = (name: string, host: ServerHost, roles?: readonly string[]): StackValues => ({
      ...{ name, address: host.address, user: "deploy", key: host.key },
      ...(roles ? { roles } : {}),
    });
    const db = machine("db", this.db, ["database"]);
    const topologies = {
      A: { topology: "single-host", machines: [machine("one", this.one)] },
      B: {
        topology: "split-database",
        machines: [machine("one", this.one, ["production"]), machine("two", this.two, ["nonproduction"]), db],
      },
      C: {
        topology: "load-balanced-production",
        machines: [
          machine("one", this.one, ["production", "proxy"]),
          machine("two", this.two, ["production", "nonproduction"]),
          db,
        ],
      },
    };
    return {
      kind: "platform",
      target: "servers",
      ...topologies[letter],
      // All of them are on this machine: its kernel need not know how to encrypt, and its memory is there once.
      network: { encrypted: false },
      machine: { memory: "6 GB" },
      proxy: { bind: "0.0.0.0", httpPort: 80, httpsPort: 443 },
    };
  }

  /** Writes the platform's file. */
  become(letter: Letter): void {
    this.project.write(this.project.platform, this.platformValues(letter));
  }

  /** Runs `up` of a stack, which has to succeed. */
  async mustUp(stack: string, options: ShellOptions = {}): Promise<ShellResult> {
    return succeeded(await this.project.cli(["up", stack], { timeoutSeconds: upSeconds, ...options }));
  }

  /** Asks production's database; returns what psql prints, unaligned and without heads. */
  async sql(query: string, timeoutSeconds = 60): Promise<string> {
    const psql = ["psql", "--stack", this.project.prod, "--", "-Atc", query];
    return succeeded(await this.project.cli(psql, { timeoutSeconds })).stdout.trim();
  }

  /** A browser, or a visitor's program. */
  client(name = "odoo.localhost"): OdooClient {
    return new OdooClient(`http://${name}`, { host: this.one.address, port: 80 });
  }

  /** Who is logged in to production. */
  async loggedIn(): Promise<OdooClient> {
    const { stdout } = succeeded(await this.project.cli(["password", this.project.prod, "--json"]));
    const { login, password } = JSON.parse(stdout) as { login: string; password: string };
    const client = this.client();
    await client.login(login, password);
    return client;
  }

  /** Has visitors ask for pages all the time meanwhile. */
  whileVisited<T>(action: () => Promise<T>): Promise<{ result: T; visits: Visits }> {
    return whileVisited(() => this.client(), action);
  }
}

async function removeHosts(hosts: readonly ServerHost[], volume: string): Promise<void> {
  for (const host of hosts) await host.stop();
  await sh(["docker", "volume", "rm", "--force", volume]);
}
