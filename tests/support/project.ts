import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { repositoryDir } from "../../infra/core/paths";
import { removeNamed } from "./docker";
import { must, sh, type ShellOptions, type ShellResult } from "./shell";

/** Configuration of a stack: keys without namespace. */
export type StackValues = Readonly<Record<string, unknown>>;

/** The stacks of the trial that the project ships. */
const trialStacks = ["platform", "prod", "staging", "dev"] as const;
type TrialStack = (typeof trialStacks)[number];

/** Ports of this machine that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) =>
          server.listen({ host: "127.0.0.1", port: 0 }, () => done((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/**
 * A project of its own in a temporary folder, with this checkout's code, stacks under names that no one else has, ports that
 * are free, and a state of its own. Two of them don't meet, nor does either meet what the machine's user runs.
 */
export class Project {
  private constructor(
    /** The folder with `Pulumi.yaml`. */
    readonly dir: string,
    /** What the names of its stacks begin with. */
    readonly name: string,
    /** Variables that commands run with. */
    readonly env: Readonly<Record<string, string | undefined>>,
    readonly httpPort: number,
    readonly httpsPort: number,
  ) {}

  /** The platform's stack. */
  get platform(): string {
    return `${this.name}-platform`;
  }

  /** The production environment's stack. */
  get prod(): string {
    return `${this.name}-prod`;
  }

  /** Where its state and passphrase are. */
  get stateDir(): string {
    return join(this.dir, "state");
  }

  /**
   * Makes one whose code is this checkout's, by links.
   * @param env Variables to add to this process's; `undefined` takes one away.
   */
  static linked(env: Readonly<Record<string, string | undefined>> = {}): Promise<Project> {
    return Project.of((name, to) => symlinkSync(join(repositoryDir, name), to), env);
  }

  /**
   * Makes one with a copy of this checkout's code, so that its modules can be changed.
   * @param env Variables to add to this process's; `undefined` takes one away.
   */
  static copied(env: Readonly<Record<string, string | undefined>> = {}): Promise<Project> {
    return Project.of((name, to) => {
      if (name === "node_modules") symlinkSync(join(repositoryDir, name), to);
      else cpSync(join(repositoryDir, name), to, { recursive: true, verbatimSymlinks: true });
    }, env);
  }

  private static async of(
    place: (name: string, to: string) => void,
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Project> {
    const project = await Project.empty(env);
    for (const name of ["infra", "components", "addons", "node_modules", "tsconfig.json"]) {
      place(name, join(project.dir, name));
    }
    cpSync(join(repositoryDir, "Pulumi.yaml"), join(project.dir, "Pulumi.yaml"));
    mkdirSync(join(project.dir, "stacks"));
    const described = JSON.parse(readFileSync(join(repositoryDir, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const renamed = Object.entries(described.scripts).map(([script, line]) => [
      script,
      line.replace(/ local$/, ` ${project.name}`),
    ]);
    const scripts = Object.fromEntries(renamed) as object;
    writeFileSync(join(project.dir, "package.json"), JSON.stringify({ ...described, scripts }));
    return project;
  }

  /**
   * Makes one as a new user does, by `git clone` of what this checkout has committed. Only names and ports differ from what
   * a user gets.
   */
  static async cloned(env: Readonly<Record<string, string | undefined>> = {}): Promise<Project> {
    const project = await Project.empty(env);
    rmSync(project.dir, { recursive: true });
    // Continuous integration often checks out as one user and tests as another.
    await must(["git", "-c", "safe.directory=*", "clone", "--quiet", repositoryDir, project.dir]);
    const file = join(project.dir, "package.json");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(/ local"/g, ` ${project.name}"`));
    project.useTrialStacks(project.dir);
    for (const stack of trialStacks) rmSync(project.stackFile(`local-${stack}`));
    return project;
  }

  private static async empty(env: Readonly<Record<string, string | undefined>>): Promise<Project> {
    const dir = mkdtempSync(join(tmpdir(), "odoo-stacks-project-"));
    const name = `t${randomBytes(3).toString("hex")}`;
    const [http = 0, https = 0] = await freePorts(2);
    const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("PULUMI_"));
    const own = { ODOO_STACKS_STATE_DIR: join(dir, "state"), ...env };
    return new Project(dir, name, { ...Object.fromEntries(inherited), ...own }, http, https);
  }

  /**
   * Gives it stacks of the trial as the project ships them, under its own names and with its own ports.
   * @param from The folder to take them from. @default this checkout
   * @param stacks Which. @default all
   */
  useTrialStacks(from = repositoryDir, stacks: readonly TrialStack[] = trialStacks): void {
    for (const stack of stacks) {
      const document = parseDocument(readFileSync(join(from, `stacks/Pulumi.local-${stack}.yaml`), "utf8"));
      // Where the trial runs from this checkout, Pulumi has written the mark of another passphrase there.
      document.delete("encryptionsalt");
      const source = document.getIn(["config", "odoo-stacks:restore", "source"]);
      if (typeof source === "string") {
        document.setIn(["config", "odoo-stacks:restore", "source"], source.replace("local", this.name));
      }
      if (stack === "platform") {
        document.setIn(["config", "odoo-stacks:proxy", "httpPort"], this.httpPort);
        document.setIn(["config", "odoo-stacks:proxy", "httpsPort"], this.httpsPort);
      } else {
        document.setIn(["config", "odoo-stacks:platform"], this.platform);
      }
      writeFileSync(this.stackFile(`${this.name}-${stack}`), document.toString());
    }
  }

  /** The platform's configuration: a single host on this machine, and its ports. */
  platformValues(more: StackValues = {}): StackValues {
    return { kind: "platform", proxy: { httpPort: this.httpPort, httpsPort: this.httpsPort }, ...more };
  }

  /** The production environment's configuration: a small Odoo with the smallest set of modules. */
  prodValues(more: StackValues = {}): StackValues {
    const small = { odoo: { workers: 2, cronThreads: 1 }, modules: [] };
    const place = { kind: "environment", platform: this.platform, stage: "production", domains: ["odoo.localhost"] };
    return { ...place, ...small, ...more };
  }

  /** The file of a stack. */
  stackFile(stack: string): string {
    return join(this.dir, "stacks", `Pulumi.${stack}.yaml`);
  }

  /** Writes a stack's file; what Pulumi itself put there (the passphrase's mark) stays. */
  write(stack: string, values: StackValues): void {
    const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`odoo-stacks:${key}`, value]));
    const file = this.stackFile(stack);
    const salt = existsSync(file) ? /^encryptionsalt:.*$/m.exec(readFileSync(file, "utf8"))?.[0] : undefined;
    writeFileSync(file, `${salt ? `${salt}\n` : ""}${stringify({ config })}`);
  }

  /** Runs a command of the CLI, as `npx odoo-stacks` does. */
  cli(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return sh([process.execPath, join(this.dir, "infra/cli/bin.cjs"), ...args], this.with(options));
  }

  /** Runs one of npm's scripts, as a user types it. */
  npm(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return sh(["npm", ...args], this.with(options));
  }

  /** Runs plain `pulumi` with the variables that the CLI prints for that. */
  async pulumi(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    const env = { ...(await this.pulumiEnv()), ...options.env };
    return sh(["pulumi", ...args, "--non-interactive"], { ...options, cwd: this.dir, env });
  }

  /** The whole environment for plain `pulumi`: what the CLI prints for that, added to its own. */
  async pulumiEnv(): Promise<Readonly<Record<string, string | undefined>>> {
    // The passphrase goes with the last stack; without it the variables have to be asked for again.
    if (this.printedEnv && existsSync(join(this.stateDir, "passphrase"))) return this.printedEnv;
    const printed = await this.cli(["env", "--json"]);
    if (printed.exitCode !== 0) throw new Error(printed.all);
    this.printedEnv = { ...this.env, ...(JSON.parse(printed.stdout) as Record<string, string>) };
    return this.printedEnv;
  }
  private printedEnv: Readonly<Record<string, string | undefined>> | undefined;

  private with(options: ShellOptions): ShellOptions {
    return { ...options, cwd: this.dir, env: { ...this.env, ...options.env } };
  }

  /** Removes the folder alone: what its stacks declared went with the machine that they were on. */
  forget(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Removes its stacks, whatever state they are in, and the folder. */
  async remove(): Promise<void> {
    if (existsSync(this.stateDir)) await this.cli(["destroy", this.name, "--yes"], { timeoutSeconds: 300 });
    await removeNamed(this.name);
    this.forget();
  }
}
