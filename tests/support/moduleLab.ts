import { writeFileSync, chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderOdooConf } from "../../infra/commands/odooConf";
import { step as firstDatabase } from "../../infra/commands/steps/firstDatabase";
import { silent } from "../../infra/core/report";
import { currentHost } from "../../infra/docker/engine";
import { ensureImage } from "../../infra/images";
import { loadOrder, ModuleJob } from "../../infra/operator/moduleJob";
import { checksumsAfter, decideChanges, type ImageModules, type Situation } from "../../infra/operator/modules";
import { readImageModules, readModules, storeChecksums } from "../../infra/operator/moduleState";
import type { ModuleChanges, ReleasePlan } from "../../infra/operator/plan";
import { psql } from "../../infra/operator/psql";
import { Containers } from "./containers";

const gigabyte = 1024 ** 3;
const password = "secret-of-a-test";
/** The database that others are copied from. */
const template = "template";

/** A PostgreSQL with a real Odoo database of the example module, to be copied and released to other versions. */
export class ModuleLab {
  readonly containers: Containers;
  /** The running postgres container. */
  postgres = "";
  /** ID of the Odoo image with `addons/`. */
  image = "";
  private filestore = "";
  private readonly secrets = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
  private readonly idle = new Map<string, string>();

  /** @param test What the test file is about. */
  constructor(test: string) {
    this.containers = new Containers(test);
  }

  /** Makes the server and the database; takes half a minute, or a few seconds from a seed. */
  async open(): Promise<void> {
    this.image = await this.imageOf("addons");
    const [server] = await Promise.all([ensureImage("postgres", silent), this.containers.createNetwork()]);
    const file = join(this.secrets, "password");
    writeFileSync(file, password);
    chmodSync(file, 0o444);
    this.filestore = await this.containers.volume();
    this.postgres = await this.containers.start({
      image: server.id,
      alias: "database",
      env: { DATABASE: template },
      volumes: [
        `${await this.containers.volume()}:/var/lib/postgresql/odoo-stacks`,
        `${file}:/run/secrets/odoo_password:ro`,
      ],
    });
    await this.containers.healthy(this.postgres, 120);
    await firstDatabase.apply(
      {
        dockerHost: currentHost(),
        stack: this.containers.network,
        image: this.image,
        network: this.containers.network,
        filestoreVolume: this.filestore,
        database: { host: "database", port: 5432, user: "odoo", password, dbname: template },
        odooConf: this.odooConf(template),
        modules: ["sale_management", "sale_delivery_note"],
        demo: false,
        language: "en_US",
        admin: { login: "admin", password: "admin" },
        baseUrl: "http://odoo.localhost",
      },
      silent,
      undefined,
    );
  }

  /** Removes everything, also after a failure. */
  async close(): Promise<void> {
    await this.containers.removeAll();
    rmSync(this.secrets, { recursive: true, force: true });
  }

  /** ID of the image with an addons folder. */
  async imageOf(addons: string): Promise<string> {
    return (await ensureImage("odoo", silent, { addons })).id;
  }

  /** A copy of the database under a name of its own. */
  async copy(name: string): Promise<string> {
    await psql(this.postgres, "postgres", `CREATE DATABASE ${name} TEMPLATE ${template} OWNER odoo`);
    return name;
  }

  /** Runs SQL in a database as the superuser and returns what it prints. */
  async sql(database: string, sql: string): Promise<string> {
    return (await psql(this.postgres, database, sql)).trim();
  }

  /** The modules of an image, read as the operator does, from a container that runs. */
  async modulesOf(image: string): Promise<ImageModules> {
    const running = this.idle.get(image) ?? (await this.containers.start({ image, command: ["sleep", "86400"] }));
    this.idle.set(image, running);
    return readImageModules(running);
  }

  /** What a release to an image starts from. */
  async situation(database: string, image: string): Promise<Situation> {
    return { ...(await readModules(this.postgres, database)), inImage: await this.modulesOf(image) };
  }

  /** A job in an image that has loaded the code of what is to be there. */
  prepare(database: string, image: string, load: readonly string[]): Promise<ModuleJob> {
    return ModuleJob.prepare(
      {
        stack: this.containers.network,
        container: `${this.containers.network}-job-${database}`,
        image,
        network: this.containers.network,
        filestore: this.filestore,
        odooConf: this.odooConf(database),
        load,
      },
      silent,
    );
  }

  /** Does to the modules of a database what a release to an image does. */
  async release(
    database: string,
    image: string,
    asked: Partial<Pick<ReleasePlan, "modules" | "uninstall" | "upgrade">> = {},
    timeoutSeconds = 240,
  ): Promise<ModuleChanges> {
    const wishes = { modules: [], uninstall: [], upgrade: "auto" as const, ...asked };
    const before = await this.situation(database, image);
    const changes = decideChanges(before, wishes);
    const load = loadOrder([...before.installed.keys(), ...changes.install], before.inImage);
    const job = await this.prepare(database, image, load);
    await job.apply(changes, { timeoutSeconds, allowedLogLines: [] });
    const after = await readModules(this.postgres, database);
    await storeChecksums(this.postgres, database, checksumsAfter(before, wishes.upgrade, changes, after));
    return changes;
  }

  /** Starts a web container on a database and returns its name when it is healthy. */
  async web(database: string, image: string): Promise<string> {
    const file = join(this.secrets, `${database}.conf`);
    writeFileSync(file, this.odooConf(database));
    chmodSync(file, 0o444);
    const volumes = [`${this.filestore}:/var/lib/odoo`, `${file}:/etc/odoo/odoo.conf:ro`];
    const container = await this.containers.start({ image, volumes, publish: [8069] });
    await this.containers.healthy(container, 120);
    return container;
  }

  /** That of a web container: what the operator reads and passes on. */
  private odooConf(database: string): string {
    return renderOdooConf({
      role: "web",
      database: { host: "database", port: 5432, user: "odoo", name: database, password },
      adminPassword: password,
      workers: 2,
      cronThreads: 0,
      dbMaxconn: 8,
      dbMaxconnGevent: 8,
      limitMemorySoftBytes: 2 * gigabyte,
      limitMemoryHardBytes: 2.5 * gigabyte,
      limitTimeCpuSeconds: 60,
      limitTimeRealSeconds: 120,
      limitTimeRealCronSeconds: 120,
      limitRequests: 65_536,
      logLevel: "info",
      options: {},
    });
  }
}
