import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, installPackages } from "../../infra/docker/system";
import { deploy, type ProxyService } from "../../infra/commands/proxy";
import { docker } from "../support/docker";
import type { ReleaseLab } from "../support/releaseLab";
import { must, progress, sh, type ShellResult } from "../support/shell";

/** What is read of a container of the environment, to make one like it. */
interface Inspected {
  readonly Config: {
    readonly Image: string;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Healthcheck: {
      readonly Test: readonly string[];
      /** In nanoseconds, like the others. */
      readonly Interval: number;
      readonly Timeout: number;
      readonly StartPeriod: number;
      readonly Retries: number;
    };
  };
  readonly HostConfig: { readonly Memory: number };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string }[];
}

const roles = { web: "odoo-web", cron: "odoo-cron" } as const;
type Name = keyof typeof roles;

/**
 * What most people have: Odoo's containers from a compose file, behind the same proxy and with the same database server. The
 * containers are those of the environment (image, odoo.conf, limits, health checks, volumes, networks), whose own are
 * switched off.
 */
export class Compose {
  private readonly folder = mkdtempSync(join(tmpdir(), "odoo-stacks-compose-"));
  private readonly project: string;
  private program: readonly string[] = [];
  private services: Readonly<Record<string, Service>> = {};

  private constructor(private readonly lab: ReleaseLab) {
    this.project = `${lab.project.name}-compose`;
  }

  /** Starts it in place of an environment's containers. */
  static async replace(lab: ReleaseLab): Promise<Compose> {
    const compose = new Compose(lab);
    try {
      compose.program = await findCompose();
      const old = await Promise.all(Object.values(roles).map((role) => lab.container(role)));
      for (const name of Object.keys(roles) as Name[]) {
        compose.services = { ...compose.services, [name]: await compose.describe(name) };
      }
      compose.write(1);
      await compose.up();
      await compose.route();
      const services = await Promise.all(old.map(async (id) => (await inspect(id)).Config.Labels[serviceLabel] ?? ""));
      await docker("service", "scale", "--detach", ...services.map((service) => `${service}=0`));
      return compose;
    } catch (error) {
      await compose.remove();
      throw error;
    }
  }

  /** Has the containers made anew, by a change that only a new container can have. */
  recreate(): Promise<ShellResult> {
    this.write(2);
    return this.up();
  }

  /** Removes its containers, whatever state they are in. */
  async remove(): Promise<void> {
    if (this.program.length > 0) await sh([...this.program, "down", "--timeout", "2"], { cwd: this.folder });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private up(): Promise<ShellResult> {
    return must([...this.program, "up", "--detach"], { cwd: this.folder });
  }

  /** Sends the proxy's requests to it. */
  private async route(): Promise<void> {
    const common: Omit<ProxyService, "name" | "targets"> = {
      hosts: ["odoo.localhost"],
      responseTimeoutSeconds: 150,
      deployTimeoutSeconds: 120,
      drainTimeoutSeconds: 1,
      errorPages: "/error-pages",
      tls: false,
    };
    const { stack } = this.lab;
    const services: ProxyService[] = [
      { ...common, name: stack, targets: [`${this.alias}:8069`], maxBodyBytes: 512 * 1024 ** 2 },
      { ...common, name: `${stack}-websocket`, targets: [`${this.alias}:8072`], pathPrefix: "/websocket" },
    ];
    const proxy = await this.lab.container("proxy");
    for (const service of services) await docker("exec", proxy, ...deploy(service));
  }

  /** What the web container is called on the network that it shares with the proxy, whichever container it is. */
  private get alias(): string {
    return `${this.project}-web`;
  }

  /**
   * Writes the compose file.
   * @param version Becomes a label, so that another one makes new containers.
   */
  private write(version: number): void {
    const labels = { "odoo-stacks.bench.version": String(version) };
    const services = Object.entries(this.services).map(([name, service]) => [name, { ...service, labels }]);
    const all = Object.values(this.services);
    const external = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, { external: true, name }]));
    const volumes = all.flatMap((service) => service.volumes.map((volume) => volume.split(":")[0] ?? ""));
    // JSON is YAML.
    const file = {
      services: Object.fromEntries(services) as object,
      networks: external(all.flatMap(({ networks }) => Object.keys(networks))),
      // The others are files.
      volumes: external(volumes.filter((volume) => !volume.startsWith("/"))),
    };
    writeFileSync(join(this.folder, "docker-compose.yml"), JSON.stringify(file, undefined, 2));
    writeFileSync(join(this.folder, ".env"), `COMPOSE_PROJECT_NAME=${this.project}\n`);
  }

  /** A service whose container is like one of the environment. */
  private async describe(name: Name): Promise<Service> {
    const id = await this.lab.container(roles[name]);
    const { Config, HostConfig, NetworkSettings, Mounts } = await inspect(id);
    const conf = join(this.folder, `${name}.conf`);
    writeFileSync(conf, await docker("exec", id, "cat", "/etc/odoo/odoo.conf"));
    // The folder above lets nobody else in.
    chmodSync(conf, 0o644);
    const health = Config.Healthcheck;
    const volumes = Mounts.filter(({ Type }) => Type === "volume");
    const networks = Object.keys(NetworkSettings.Networks);
    return {
      image: Config.Image,
      init: true,
      restart: "always",
      mem_limit: HostConfig.Memory,
      networks: Object.fromEntries(
        networks.map((network) => [network, name === "web" ? { aliases: [this.alias] } : {}]),
      ),
      volumes: [
        ...volumes.map(({ Name = "", Destination }) => `${Name}:${Destination}`),
        `${conf}:/etc/odoo/odoo.conf:ro`,
      ],
      healthcheck: {
        // Compose would take `$(…)` for a variable of its own.
        test: health.Test.map((part) => part.replaceAll("$", "$$$$")),
        interval: `${health.Interval / 1e9}s`,
        timeout: `${health.Timeout / 1e9}s`,
        start_period: `${health.StartPeriod / 1e9}s`,
        retries: health.Retries,
      },
    };
  }
}

/** A service of the compose file. */
interface Service extends Readonly<Record<string, unknown>> {
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: readonly string[];
}

const serviceLabel = "com.docker.swarm.service.name";

async function inspect(id: string): Promise<Inspected> {
  const [found] = JSON.parse(await docker("inspect", id)) as Inspected[];
  if (!found) throw new Error(`no container ${id}`);
  return found;
}

/** The compose that is there, as Docker's plugin or as a program of its own; else Debian's is installed. */
async function findCompose(): Promise<readonly string[]> {
  if ((await sh(["docker", "compose", "version"])).exitCode === 0) return ["docker", "compose"];
  if (!findProgram("docker-compose")) await installPackages(["docker-compose"], progress);
  return ["docker-compose"];
}
