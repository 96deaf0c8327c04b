import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repositoryDir } from "../../infra/core/paths";
import type { Kept } from "../support/pluginStack";
import { docker, runningContainers } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { RdsLab } from "../support/rds/lab";
import { shippedEnvironment } from "../support/shippedEnvironments";
import { secrets } from "../support/stagingLab";
import { must, succeeded } from "../support/shell";
import type { StackValues } from "../support/project";
import { until } from "../support/until";

const docs = join(repositoryDir, "docs/aws-rds.md");
const instanceType = "aws:rds/instance:Instance";
/** What is shipped for AWS; tests write over it where that names a domain, a stack, or more modules than they need. */
const shipped = {
  before: shippedEnvironment("stacks/Pulumi.prod.yaml"),
  copies: [shippedEnvironment("stacks/Pulumi.staging.yaml"), shippedEnvironment("stacks/Pulumi.dev.yaml")],
  production: shippedEnvironment("docs/aws/prod-b.yaml"),
  staging: shippedEnvironment("docs/aws/staging-rds.yaml"),
};
const rds = { ...(shipped.production.database?.rds as StackValues), identifier: "shop" };

describe("an environment that goes from a container to RDS", () => {
  let lab: RdsLab;
  let odoo: OdooClient;
  let volume: string;
  let partner: number;
  let staging: string;
  let away: string;
  beforeAll(async () => {
    lab = await RdsLab.open(["shop", "staging-one", "staging-two", "away-one", "moment"]);
    staging = `${lab.project.name}-staging`;
    away = `${lab.project.name}-away`;
    odoo = new OdooClient(`http://odoo.localhost:${lab.project.httpPort}`);
    production({ kind: "container" });
    succeeded(await lab.up(lab.project.prod));
    await odoo.login("admin", await passwordOf(lab.project.prod));
    partner = await odoo.call<number>("res.partner", "create", [
      { name: "Ada Lovelace", email: secrets.email, phone: secrets.phone },
    ]);
    volume = (await resources("docker:index/volume:Volume")).find(({ id }) => id?.includes("postgres"))?.urn ?? "";
  });
  afterAll(() => lab.close());

  /** Writes production's file. */
  const production = (database: StackValues, more: StackValues = {}) =>
    lab.configure(lab.project.prod, {
      ...(database.kind === "rds" ? shipped.production : shipped.before),
      ...{ domains: ["odoo.localhost"], odoo: { workers: 2, cronThreads: 1 }, modules: [] },
      ...{ protectData: false, database, ...more },
    });
  const passwordOf = async (stack: string) => {
    const { stdout } = succeeded(await lab.project.cli(["password", stack, "--json"]));
    return (JSON.parse(stdout) as { password: string }).password;
  };
  /** The resources of a type in a stack's state. */
  const resources = async (type: string, stack = lab.project.prod): Promise<Kept[]> => {
    const { stdout } = succeeded(await lab.project.pulumi(["stack", "export", "--stack", stack]));
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: Kept[] } };
    return deployment.resources.filter((one) => one.type === type);
  };
  const rolesOf = async (stack: string) => (await runningContainers(stack)).map(({ role }) => role).sort();
  const name = (id: number) => odoo.call<{ name: string }[]>("res.partner", "read", [[id], ["name"]]);

  it("has staging and development made from it, as they are shipped", async () => {
    const stacks = [lab.project.prod, `${lab.project.name}-first`, `${lab.project.name}-dev`];
    for (const [at, values] of shipped.copies.entries()) {
      const [source, stack = ""] = stacks.slice(at);
      const restore = { ...(values.restore as StackValues), source };
      lab.configure(stack, { ...values, domains: [`copy-${at}.localhost`], modules: [], protectData: false, restore });
      succeeded(await lab.up(stack));
      const client = new OdooClient(`http://copy-${at}.localhost:${lab.project.httpPort}`);
      await client.login("admin", await passwordOf(stack));
      const [found] = await client.call<{ name: string; email: string }[]>("res.partner", "read", [
        [partner],
        ["name", "email"],
      ]);
      expect(found).toMatchObject({ name: expect.not.stringMatching("Ada") as string });
      expect(found?.email).not.toBe(secrets.email);
    }
    for (const stack of stacks.slice(1).reverse()) {
      succeeded(await lab.project.cli(["destroy", stack, "--yes"], { timeoutSeconds: 200 }));
    }
  });

  it("gets an instance beside its container, which goes on serving", async () => {
    production({ rds });
    const { all } = succeeded(await lab.up(lab.project.prod));
    expect(all).toContain(`goes to RDS: npx odoo-stacks move-database ${lab.project.prod}`);
    expect(lab.world.ofType(instanceType).map(({ name: one }) => one)).toEqual(["shop"]);
    expect(await rolesOf(lab.project.prod)).toEqual(
      expect.arrayContaining(["odoo-cron", "odoo-web", "postgres", "postgres-client"]),
    );
    expect(await name(partner)).toEqual([expect.objectContaining({ name: "Ada Lovelace" })]);
    expect(await lab.instance("shop").sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "odoo")).toBe("0");
  });

  it("is not taken for moved where its file alone says so", async () => {
    production({ kind: "rds", rds });
    const { exitCode, all } = await lab.up(lab.project.prod);
    expect(exitCode).toBe(1);
    expect(all).toMatch(/would leave data of \S+ behind[^]*database\.kind[^]*npx odoo-stacks move-database/);
    expect(await name(partner)).toHaveLength(1);
  });

  it("stays in its container, with its users, when the move fails", async () => {
    production({ rds });
    // What the move empties first, it must not have: a table that only RDS itself may remove.
    await lab.instance("shop").sql("CREATE TABLE public.res_partner (id integer)", "odoo");
    const { exitCode, all } = await lab.project.cli(["move-database", lab.project.prod, "--yes"], { timeoutSeconds: 200 });
    expect(exitCode, all).toBe(1);
    expect(all).toMatch(/relation "res_partner" already exists/);
    expect(await until("production to serve", 60, () => name(partner).catch(() => undefined))).toHaveLength(1);
    await lab.instance("shop").sql("DROP TABLE public.res_partner", "odoo");
  });

  it("is moved by a command, whose release may fail: then its users see the page", async () => {
    production({ rds }, { modules: ["no_such_module"] });
    const { exitCode, all } = await lab.project.cli(["move-database", lab.project.prod, "--yes"], { timeoutSeconds: 280 });
    expect(exitCode, all).toBe(1);
    expect(all).toMatch(
      /all \d+ rows compared, in \d+ tables and sequences[^]*says database\.kind: rds[^]*no_such_module/,
    );
    expect(all).toContain(`npx odoo-stacks move-database ${lab.project.prod}`);
    expect(await odoo.fetch("/web/login")).toMatchObject({
      status: 503,
      body: expect.stringContaining("is moved to another server") as string,
    });
  });

  it("is used there, with all that is in it, when the command is given again", async () => {
    production({ kind: "rds", rds });
    const { all } = succeeded(await lab.project.cli(["move-database", lab.project.prod, "--yes"], { timeoutSeconds: 280 }));
    expect(all).toContain("is on RDS now");
    expect(await name(partner)).toEqual([expect.objectContaining({ name: "Ada Lovelace" })]);
    const ask = `SELECT name FROM res_partner WHERE id = ${partner}`;
    expect(await lab.instance("shop").sql(ask, "odoo")).toBe("Ada Lovelace");
    // All that connects to the instance does so over TLS, and as nobody but its owner.
    const sessions = `SELECT DISTINCT usename, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE datname = 'odoo' AND usename <> 'rdsadmin'`;
    expect(await lab.instance("shop").sql(sessions)).toBe("odoo|t");
    expect(await rolesOf(lab.project.prod)).not.toContain("postgres");
    await odoo.call("res.partner", "write", [[partner], { name: "Ada King" }]);
    expect(await lab.instance("shop").sql(ask, "odoo")).toBe("Ada King");
  });

  it("is not moved once more", async () => {
    const { exitCode, all } = await lab.project.cli(["move-database", lab.project.prod, "--yes"]);
    expect(exitCode).toBe(1);
    expect(all).toMatch(/is on no machine of the platform[^]*found: {4}kind: rds/);
  });

  it("keeps the old volume, and changes nothing more by itself", async () => {
    const volumes = await resources("docker:index/volume:Volume");
    expect(volumes.map(({ urn }) => urn)).toContain(volume);
    const { all } = succeeded(await lab.project.pulumi(["preview", "--diff", "--expect-no-changes", "--stack", lab.project.prod]));
    expect(all).toMatch(/unchanged/);
  });

  it("is not put back into the container by its file", async () => {
    production({ rds });
    const { exitCode, all } = await lab.up(lab.project.prod);
    expect(exitCode).toBe(1);
    expect(all).toMatch(/expected: "rds", where the database/);
    production({ kind: "rds", rds });
  });

  it("has modules changed where it is said what there is to go back to", async () => {
    const modules = { modules: ["contacts"] };
    production({ kind: "rds", rds }, modules);
    const refused = await lab.up(lab.project.prod);
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toMatch(/release\.snapshot/);
    production({ kind: "rds", rds }, { ...modules, release: { snapshot: "rds" } });
    succeeded(await lab.up(lab.project.prod));
    const state = "SELECT state FROM ir_module_module WHERE name = 'contacts'";
    expect(await lab.instance("shop").sql(state, "odoo")).toBe("installed");
    expect(lab.world.ofType("aws:rds/snapshot:Snapshot").map(({ id }) => id)).toEqual([
      expect.stringMatching(/^shop-before-/),
    ]);
  });

  it("is taken back by hand, as the docs have it, after a change of modules that failed", async () => {
    const pitr = { release: { snapshot: "pitr" } };
    const { id: image, tag } = (await lab.lastRelease(lab.project.prod)).image;
    const { address } = await lab.asNow("shop", "moment");
    // The first module is installed when the second one fails.
    lab.useAddons({
      "breaks/__init__.py": "def fail(env):\n    raise ValueError('made to fail')\n",
      "breaks/__manifest__.py": "{'name': 'Breaks', 'version': '19.0.1.0.0', 'license': 'LGPL-3', 'depends': ['calendar'], 'post_init_hook': 'fail'}\n",
    });
    production({ kind: "rds", rds }, { modules: ["contacts", "breaks"], ...pitr });
    const failed = await lab.up(lab.project.prod);
    expect(failed.exitCode).toBe(1);
    expect(failed.all).toMatch(/made to fail[^]*\d{4}-\d\d-\d\dT\d\d:\d\d/);
    expect((await odoo.fetch("/web/login")).status).toBe(503);
    const state = "SELECT state FROM ir_module_module WHERE name = 'calendar'";
    expect(await lab.instance("shop").sql(state, "odoo")).toBe("installed");

    const [, script = ""] = /\n *```sh\n( *pg_dump --host ADDRESS-BEFORE[^]*?)\n *```/.exec(readFileSync(docs, "utf8")) ?? [];
    const indent = /^ */.exec(script)?.[0] ?? "";
    const typed = script.replaceAll(`\n${indent}`, "\n").trim().replace("ADDRESS-BEFORE", address);
    const client = (await runningContainers(lab.project.prod)).find(({ role }) => role === "postgres-client")?.id ?? "";
    await must(["docker", "exec", "--interactive", client, "sh", "-eu"], { input: typed });
    lab.useAddons();
    production({ kind: "rds", rds }, { modules: ["contacts"], release: { ...pitr.release, image: tag } });
    succeeded(await lab.up(lab.project.prod));
    succeeded(await lab.project.cli(["maintenance", "off", "--stack", lab.project.prod]));
    expect((await lab.lastRelease(lab.project.prod)).image.id).toBe(image);
    expect(await lab.instance("shop").sql(state, "odoo")).toBe("uninstalled");
    expect(await name(partner)).toEqual([expect.objectContaining({ name: "Ada King" })]);
    expect(await rolesOf(lab.project.prod)).toContain("odoo-cron");
  });

  /** Writes the file of a staging environment that is copied from production. */
  const copied = (refresh: string, stack = staging, platform = lab.platform) =>
    lab.configure(
      stack,
      {
        ...shipped.staging,
        ...{ domains: [stack === staging ? "staging.localhost" : "away.localhost"], modules: ["contacts"], protectData: false },
        restore: { ...(shipped.staging.restore as StackValues), source: lab.project.prod, refresh },
      },
      platform,
    );
  const copies = () => lab.world.ofType(instanceType).flatMap(({ name: one = "" }) => (one === "shop" ? [] : [one]));
  /** Logs in to staging, and says what its one copy and the database in it are called. */
  const login = async () => {
    const [copy = ""] = copies();
    const database = await lab.instance(copy).sql("SELECT datname FROM pg_database WHERE datname LIKE 'odoo-%'");
    const client = new OdooClient(`http://staging.localhost:${lab.project.httpPort}`);
    await client.login("admin", await passwordOf(staging), database);
    return { client, copy, database };
  };

  it("is what staging is made from, secured, on an instance of its own", async () => {
    copied("one");
    succeeded(await lab.up(staging));
    const { client, copy, database } = await login();
    expect(copies()).toEqual([expect.stringMatching(/-staging-one-/)]);
    const [found] = await client.call<{ name: string; email: string }[]>("res.partner", "read", [
      [partner],
      ["name", "email"],
    ]);
    expect(found).toMatchObject({ name: expect.not.stringMatching("Ada") as string });
    expect(found?.email).toMatch(/@/);
    expect(found?.email).not.toBe(secrets.email);
    const kept = `SELECT count(*) FROM res_partner WHERE email = '${secrets.email}' OR phone = '${secrets.phone}'`;
    expect(await lab.instance(copy).sql(kept, database)).toBe("0");
    // Production has it still.
    expect(await lab.instance("shop").sql(kept, "odoo")).toBe("1");
  });

  it("is what staging is made anew from, beside the old copy, which goes at the end", async () => {
    await odoo.call("res.partner", "create", [{ name: "Newer" }]);
    const before = await lab.instance("shop").sql("SELECT count(*) FROM res_partner", "odoo");
    copied("two");
    succeeded(await lab.up(staging));
    expect(copies()).toEqual([expect.stringMatching(/-staging-two-/)]);
    const { client } = await login();
    const context = { context: { active_test: false } };
    expect(String(await client.call("res.partner", "search_count", [[]], context))).toBe(before);
  });

  it("is what staging is made from on a platform in another region, with files that no machine could write to", async () => {
    const text = Buffer.from("Drawn by hand.").toString("base64");
    const file = await odoo.call<number>("ir.attachment", "create", [{ name: "drawing.txt", datas: text }]);
    copied("one", away, lab.away);
    const { all } = succeeded(await lab.up(away));
    expect(all).toMatch(/carrying the files from local of \S+-aws[^]*Of the files, [1-9]\d* came from/);
    const [instance] = lab.world.ofType(instanceType).filter(({ name: one = "" }) => one.includes("away-one"));
    const [copy] = lab.world.ofType("aws:rds/snapshotCopy:SnapshotCopy");
    expect(instance).toMatchObject({ region: "eu-west-1", inputs: { snapshotIdentifier: copy?.id } });
    expect(copy).toMatchObject({
      region: "eu-west-1",
      inputs: {
        sourceDbSnapshotIdentifier: expect.stringMatching(/^arn:aws:rds:eu-central-1:.*:snapshot:shop-for-/) as string,
        kmsKeyId: expect.stringMatching(/^arn:aws:kms:eu-west-1:/) as string,
      },
    });
    const standIn = lab.instance(instance?.name ?? "");
    const database = await standIn.sql("SELECT datname FROM pg_database WHERE datname LIKE 'odoo-%'");
    const kept = `SELECT count(*) FROM res_partner WHERE email = '${secrets.email}' OR phone = '${secrets.phone}'`;
    expect(await standIn.sql(kept, database)).toBe("0");
    const client = new OdooClient(`http://away.localhost:${lab.project.httpPort}`);
    await client.login("admin", await passwordOf(away), database);
    expect(await client.call("ir.attachment", "read", [[file], ["datas"]])).toMatchObject([{ datas: text }]);
    succeeded(await lab.project.cli(["destroy", away, "--yes"], { timeoutSeconds: 200 }));
    expect(lab.world.all().filter(({ region }) => region === "eu-west-1")).toEqual([]);
  });

  it("is destroyed, with all that it had in AWS", async () => {
    succeeded(await lab.project.cli(["destroy", staging, "--yes"], { timeoutSeconds: 200 }));
    expect(copies()).toEqual([]);
    succeeded(await lab.project.cli(["destroy", lab.project.prod, "--yes"], { timeoutSeconds: 200 }));
    expect(lab.world.all().map(({ type }) => type)).toEqual([]);
    expect(await docker("volume", "ls", "--quiet", "--filter", `name=${lab.project.prod}`)).toBe("");
  });
});
