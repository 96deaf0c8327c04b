import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomInt } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Platform } from "../../../infra/config/platformOutput";
import { repositoryDir } from "../../../infra/core/paths";
import { silent } from "../../../infra/core/report";
import { ensureEngine } from "../../../infra/engine";
import { ensurePlugins } from "../../../infra/engine/plugins";
import { ensureImage } from "../../../infra/images";
import { installSimulatedAws, simulationVariables } from "../awsProvider/install";
import { readyFile, standInNamed } from "../awsProvider/standIns";
import { World } from "../awsProvider/world";
import { docker } from "../docker";
import { withLocalSsh } from "../localSsh";
import type { ReleaseRecord } from "../../../infra/operator/plan";
import { awsPlatform, engineAt } from "../platform";
import { Project, type StackValues } from "../project";
import { type ShellOptions, type ShellResult, succeeded } from "../shell";
import { type Certificates, certificatesFor } from "./authority";
import { StandIn } from "./standIn";

/** An `up` of an environment takes half a minute on two cores; several times that on a busy machine. */
const upSeconds = 280;

/** The account that the simulated AWS is. */
const simulatedAccount = "123456789012";

/** Answers for Amazon's address, whose certificates no test could reach. */
const trusting = (file: string) => `
const { readFileSync } = require("node:fs");
const real = globalThis.fetch;
globalThis.fetch = (address, ...more) =>
  /^https:\\/\\/truststore\\.pki\\.rds\\.amazonaws\\.com\\//.test(String(address))
    ? Promise.resolve(new Response(readFileSync(${JSON.stringify(file)}, "utf8")))
    : real(address, ...more);
`;

/**
 * Environments on a platform that says that it is on AWS, with their databases on RDS: real Odoo on this machine's Docker Engine, the
 * simulated AWS of these tests, and for each instance a PostgreSQL that stands in for it.
 */
export class RdsLab {
  readonly world: World;
  private readonly standIns = new Map<string, StandIn>();
  private readonly watch: Promise<void>;
  private closed = false;
  private readonly given = new Map<string, string>();

  private constructor(
    readonly project: Project,
    private readonly folder: string,
    private readonly certificates: ReadonlyMap<string, Certificates>,
    private readonly addresses: Readonly<Record<string, string>>,
  ) {
    this.world = new World(join(folder, "world"));
    this.watch = this.watching();
  }

  /**
   * Brings the platform up.
   * @param instances A part of the identifier of each instance that there will be, which no other one has.
   */
  static async open(instances: readonly string[]): Promise<RdsLab> {
    const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-rds-"));
    const home = join(folder, "home");
    await ensurePlugins({ ...(await ensureEngine(silent)), home }, silent);
    await installSimulatedAws(home);
    const net = `198.18.${randomInt(1, 255)}`;
    const addresses = Object.fromEntries(instances.map((name, index) => [name, `${net}.${index + 1}`]));
    const certificates = new Map<string, Certificates>();
    for (const [name, address] of Object.entries(addresses)) {
      certificates.set(name, await certificatesFor(address, join(folder, name)));
    }
    const trust = join(folder, "trust.pem");
    writeFileSync(trust, [...certificates.values()].map(({ authority }) => authority).join(""));
    const preload = join(folder, "trusting.cjs");
    writeFileSync(preload, trusting(trust));
    const variables = simulationVariables({ folder: join(folder, "world"), databases: addresses });
    const NODE_OPTIONS = [process.env.NODE_OPTIONS, `--require ${preload}`].filter(Boolean).join(" ");
    const PATH = withLocalSsh(folder, process.env.PATH);
    const project = await Project.copied({ ...variables, PULUMI_HOME: home, NODE_OPTIONS, PATH });
    const lab = new RdsLab(project, folder, certificates, addresses);
    try {
      project.write(project.platform, project.platformValues());
      succeeded(await project.cli(["up", project.platform], { timeoutSeconds: upSeconds }));
      await lab.sayAws(lab.platform, { address: "198.18.0.1", region: "eu-central-1" });
      await lab.sayAws(lab.away, { address: "198.18.0.2", region: "eu-west-1" });
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** The stack that environments name as their platform. */
  get platform(): string {
    return `${this.project.name}-aws`;
  }

  /** The stack of another platform, which is in another region. */
  get away(): string {
    return `${this.project.name}-aws-away`;
  }

  /** Starts what stands in for an instance, empty or from a snapshot's image. */
  private async startInstance(identifier: string, image?: string): Promise<StandIn> {
    const known = standInNamed(identifier, Object.keys(this.addresses)) ?? "";
    const [address, certificates] = [this.addresses[known], this.certificates.get(known)];
    if (address === undefined || !certificates) throw new Error(`no address for ${identifier}`);
    const standIn = new StandIn(`${this.project.name}-rds-${identifier}`, address);
    this.standIns.set(identifier, standIn);
    await standIn.start(image ?? (await ensureImage("postgres", silent)).id, certificates);
    return standIn;
  }

  /** Makes an instance as another one is now, as RDS makes one as of a moment. */
  async asNow(of: string, identifier: string): Promise<StandIn> {
    const image = this.imageOf(identifier);
    await this.instance(of).snapshot(image);
    return this.startInstance(identifier, image);
  }

  /**
   * Gives environments the modules of this checkout, and others beside them.
   * @param more Their files, by folder and name.
   */
  useAddons(more: Readonly<Record<string, string>> = {}): void {
    const addons = join(this.project.dir, "addons");
    rmSync(addons, { recursive: true, force: true });
    cpSync(join(repositoryDir, "addons"), addons, { recursive: true, dereference: true });
    for (const [file, text] of Object.entries(more)) {
      mkdirSync(dirname(join(addons, file)), { recursive: true });
      writeFileSync(join(addons, file), text);
    }
  }

  /** What stands in for an instance. */
  instance(identifier: string): StandIn {
    const found = this.standIns.get(identifier);
    if (!found) throw new Error(`nothing stands in for ${identifier}`);
    return found;
  }

  /** Writes the file of an environment. */
  configure(stack: string, values: StackValues, platform = this.platform): void {
    this.project.write(stack, { kind: "environment", ...values, platform });
  }

  /** Runs `up` of a stack. */
  up(stack: string, options: ShellOptions = {}): Promise<ShellResult> {
    return this.project.cli(["up", stack], { timeoutSeconds: upSeconds, ...options });
  }

  /** The last release of an environment. */
  async lastRelease(stack: string): Promise<ReleaseRecord> {
    const { stdout } = succeeded(await this.project.cli(["history", "--json", "--stack", stack]));
    const last = (JSON.parse(stdout) as ReleaseRecord[]).at(-1);
    if (!last) throw new Error("nothing was released");
    return last;
  }

  /** Removes everything, also after a failure. */
  async close(): Promise<void> {
    await this.project.remove();
    this.closed = true;
    await this.watch;
    for (const standIn of this.standIns.values()) await standIn.remove();
    const images = await docker("image", "ls", "--quiet", `${this.project.name}/*`);
    if (images) await docker("image", "rm", "--force", ...new Set(images.split("\n")));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A stack whose output is that of the platform that is up, and says that it is on AWS. */
  private async sayAws(stack: string, { address, region }: { address: string; region: string }): Promise<void> {
    const { project } = this;
    // For commands, which read of a platform's file alone where its machines are.
    const machines = [{ name: "local", address, user: "root" }];
    project.write(stack, { kind: "platform", target: "servers", machines, proxy: { bind: "0.0.0.0" } });
    const shown = succeeded(await project.pulumi(["stack", "output", "--json", "--stack", project.platform]));
    // Its machine is reached by ssh, as those on AWS are; what stands for ssh goes nowhere.
    const remote = shown.stdout.replaceAll("unix:///var/run/docker.sock", engineAt(address));
    const { platform } = JSON.parse(remote) as { platform: Platform };
    const aws: Platform = {
      ...{ ...platform, stack, target: "aws" },
      aws: awsPlatform.aws && { ...awsPlatform.aws, account: simulatedAccount, region, topics: "none" },
    };
    const type = "pulumi:pulumi:Stack";
    const urn = `urn:pulumi:${stack}::odoo-stacks::${type}::odoo-stacks-${stack}`;
    const resources = [{ urn, type, custom: false, outputs: { platform: aws } }];
    const state = { version: 3, deployment: { manifest: {}, resources } };
    succeeded(await project.pulumi(["stack", "init", stack]));
    succeeded(await project.pulumi(["stack", "import", "--stack", stack], { input: JSON.stringify(state) }));
  }

  private async watching(): Promise<void> {
    while (!this.closed) {
      // What fails is tried again; the provider says when it takes too long.
      await this.standIn().catch((error: unknown) => console.error("stand-in:", error));
      await delay(100);
    }
  }

  private get worldFolder(): string {
    return join(this.folder, "world");
  }

  /** Does what RDS does beside what the simulation knows: instances with their data and the master user's password, and snapshots. */
  private async standIn(): Promise<void> {
    for (const { type, id, outputs } of this.world.ofType("aws:rds/snapshot:Snapshot")) {
      const file = readyFile(this.worldFolder, type, id);
      if (existsSync(file)) continue;
      await this.instance(String(outputs.dbInstanceIdentifier)).snapshot(this.imageOf(id));
      writeFileSync(file, "");
    }
    for (const { type, name = "", inputs } of this.world.ofType("aws:rds/instance:Instance")) {
      const file = readyFile(this.worldFolder, type, name);
      const password = this.passwordOf(name, inputs);
      if (password === undefined || this.given.get(name) === password) continue;
      const from = typeof inputs.snapshotIdentifier === "string" ? this.imageOf(inputs.snapshotIdentifier) : undefined;
      const standIn = this.standIns.get(name) ?? (await this.startInstance(name, from));
      await standIn.setPassword(password);
      this.given.set(name, password);
      writeFileSync(file, "");
    }
  }

  private readonly imageOf = (snapshot: string): string => `${this.project.name}/${this.originalOf(snapshot)}`;

  /** The snapshot that a copy was made of; any other one is itself. */
  private originalOf(snapshot: string): string {
    const copy = this.world.ofType("aws:rds/snapshotCopy:SnapshotCopy").find(({ id }) => id === snapshot);
    return copy ? String(copy.inputs.sourceDbSnapshotIdentifier).replace(/^arn:.*:snapshot:/, "") : snapshot;
  }

  private passwordOf(identifier: string, inputs: Readonly<Record<string, unknown>>): string | undefined {
    if (typeof inputs.password === "string") return inputs.password;
    const instance = this.world.ofType("aws:rds/instance:Instance").find(({ name }) => name === identifier);
    const [secret] = (instance?.outputs.masterUserSecrets ?? []) as { secretArn: string }[];
    const kept = secret && this.world.find("aws:secretsmanager/secret:Secret", secret.secretArn)?.outputs.secretString;
    return typeof kept === "string" ? (JSON.parse(kept) as { password: string }).password : undefined;
  }
}
