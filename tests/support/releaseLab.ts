import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { repositoryDir } from "../../infra/core/paths";
import type { ReleaseRecord } from "../../infra/operator/plan";
import { docker, runningContainers } from "./docker";
import { OdooClient } from "./odoo";
import { Project, type StackValues } from "./project";
import { must, plain, type ShellOptions, type ShellResult, succeeded } from "./shell";
import { until } from "./until";
import { type Visits, whileVisited } from "./visits";

/** An `up` with a new version of modules takes half a minute on two cores; several times that on a busy machine. */
const upSeconds = 280;

/** What the CLI shows when a step of a release begins. */
const stepLine = (step: string) => new RegExp(String.raw`(^|› )${step}\s*$`);

/** A production environment with the example module, to be released to other versions. */
export class ReleaseLab {
  readonly url: string;
  /** Logged in as the administrator. */
  readonly odoo: OdooClient;
  password = "";

  private constructor(readonly project: Project) {
    this.url = `http://odoo.localhost:${project.httpPort}`;
    this.odoo = new OdooClient(this.url);
  }

  /** Brings platform and environment up, with the example module as it is shipped. */
  static async open(values: StackValues = {}): Promise<ReleaseLab> {
    const project = await Project.copied();
    const lab = new ReleaseLab(project);
    try {
      lab.useAddons();
      project.write(project.platform, project.platformValues());
      lab.configure(values);
      const up = succeeded(await project.cli(["up", project.name, "--json"], { timeoutSeconds: upSeconds }));
      const { environments } = JSON.parse(up.stdout) as { environments: { password: string }[] };
      lab.password = environments[0]?.password ?? "";
      await lab.odoo.login("admin", lab.password);
      return lab;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  /** Removes everything, also after a failure. */
  close(): Promise<void> {
    return this.project.remove();
  }

  /** The stack's name. */
  get stack(): string {
    return this.project.prod;
  }

  /** Makes the modules what is shipped, with those of a fixture over them. */
  useAddons(fixture?: string): void {
    const addons = join(this.project.dir, "addons");
    rmSync(addons, { recursive: true, force: true });
    cpSync(join(repositoryDir, "addons"), addons, { recursive: true, dereference: true });
    if (!fixture) return;
    // The fixtures share files by links.
    cpSync(join(repositoryDir, "tests/fixtures", fixture), addons, { recursive: true, dereference: true });
  }

  /** Writes the environment's configuration: the example module, and what is given. */
  configure(values: StackValues = {}): void {
    const modules = ["sale_management", "sale_delivery_note"];
    this.project.write(this.stack, this.project.prodValues({ modules, ...values }));
  }

  /** Runs a command of the CLI on the environment. */
  cli(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return this.project.cli([...args, "--stack", this.stack], { timeoutSeconds: upSeconds, ...options });
  }

  /** Runs a command of the CLI on the environment that has to succeed. */
  async must(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return succeeded(await this.cli(args, options));
  }

  /** Runs `up` on the environment. */
  up(options: ShellOptions = {}): Promise<ShellResult> {
    return this.project.cli(["up", this.stack], { timeoutSeconds: upSeconds, ...options });
  }

  /** Runs `up` on the environment, which has to succeed. */
  async mustUp(): Promise<ShellResult> {
    return succeeded(await this.up());
  }

  /**
   * Runs `up`, and does something when a step of its release begins.
   * @param step The step, as the operator reports it, or what else a line says.
   * @param action What is done; `up` has ended when both have.
   */
  async upWith(
    step: string | RegExp,
    action: () => Promise<unknown>,
    options: ShellOptions = {},
  ): Promise<ShellResult> {
    let acted: Promise<unknown> | undefined;
    const pattern = typeof step === "string" ? stepLine(step) : step;
    const onLine = (line: string) => {
      if (pattern.test(plain(line))) acted ??= action();
    };
    const result = await this.up({ onLine, ...options });
    if (!acted) throw new Error(`no step ${String(step)}:\n${result.all}`);
    await acted;
    return result;
  }

  /** Runs `up` on a machine that loses power when a step of its release begins. */
  upUntilPowerCut(step: string | RegExp): Promise<ShellResult> {
    const cut = new AbortController();
    const action = () => {
      cut.abort();
      return Promise.resolve();
    };
    return this.upWith(step, action, { powerCut: cut.signal });
  }

  /**
   * Ends a container's main process, as a crash does: Docker takes its own `kill` for a wish, and would not start it again.
   */
  async crash(container: string): Promise<void> {
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", container));
    if (pid > 0) process.kill(pid, "SIGKILL");
  }

  /** All releases, the oldest first. */
  async history(): Promise<ReleaseRecord[]> {
    const { stdout } = await this.must(["history", "--json"]);
    return JSON.parse(stdout) as ReleaseRecord[];
  }

  /** The last release. */
  async lastRelease(): Promise<ReleaseRecord> {
    const last = (await this.history()).at(-1);
    if (!last) throw new Error("nothing was released");
    return last;
  }

  /** The running container of a role; with several, the newest. */
  async container(role: string): Promise<string> {
    return until(`a container runs as ${role}`, 60, async () => {
      // Other environments may be on the same platform.
      const all = await runningContainers(role === "proxy" ? this.project.platform : this.stack);
      return all.find((container) => container.role === role)?.id;
    });
  }

  /** Where the proxy sends requests, as it lists it itself. */
  async routes(): Promise<string> {
    const { stdout } = await must(["docker", "exec", await this.container("proxy"), "kamal-proxy", "list"]);
    return plain(stdout);
  }

  /** Asks the database; returns what psql prints, unaligned and without heads. */
  async sql(query: string): Promise<string> {
    const argv = ["exec", "--user", "postgres", await this.container("postgres")];
    return docker(...argv, "psql", "--dbname", "odoo", "-AtXc", query);
  }

  /** The version of a module in the database; empty where it is not installed. */
  moduleVersion(name: string): Promise<string> {
    return this.sql(`SELECT latest_version FROM ir_module_module WHERE name = '${name}' AND state = 'installed'`);
  }

  /** Has visitors ask for pages all the time meanwhile. */
  whileVisited<T>(action: () => Promise<T>): Promise<{ result: T; visits: Visits }> {
    return whileVisited(() => new OdooClient(this.url), action);
  }
}
