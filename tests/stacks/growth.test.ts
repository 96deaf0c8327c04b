import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { growthLine, mostHeld } from "../bench/growth";
import { type Grown, growUnderLoad } from "../support/growing";
import { GrowthLab, sharedFolder } from "../support/growthLab";
import type { OdooClient } from "../support/odoo";
import type { StackValues } from "../support/project";
import type { ServerHost } from "../support/serverHost";
import { plain, succeeded } from "../support/shell";
import { until } from "../support/until";

/** No request failed, none waited for too long, and all that was acknowledged is there. */
function expectNothingLost({ failures, lost, hold, writes }: Grown): void {
  expect(failures).toEqual([]);
  expect(lost).toEqual([]);
  expect(writes).toBeGreaterThan(20);
  // Beside what is held, for a machine of two cores that also is three servers.
  expect(hold).toBeLessThan(mostHeld + 5);
}

describe("production that grows from one server to three, with all its data", () => {
  let lab: GrowthLab;
  let odoo: OdooClient;
  const prod = (more: StackValues = {}) =>
    lab.project.write(lab.project.prod, lab.project.prodValues({ protectData: false, ...more }));
  const roles = async (host: ServerHost) =>
    (await host.run("docker ps --format '{{.Label \"odoo-stacks.role\"}} {{.Label \"odoo-stacks.stack\"}}' | sort")).stdout
      .split("\n")
      .filter((line) => line.endsWith(lab.project.prod))
      .map((line) => line.split(" ")[0]);
  const volumes = async (host: ServerHost) => (await host.run("docker volume ls --quiet")).stdout.split("\n").filter(Boolean);
  const sql = (query: string) => lab.sql(query);
  const attach = async (name: string) => {
    const datas = Buffer.from(`the content of ${name}`).toString("base64");
    await odoo.call("ir.attachment", "create", [{ name, datas }]);
  };
  const attached = async (name: string) => {
    const found = await odoo.call<{ datas: string }[]>("ir.attachment", "search_read", [[["name", "=", name]], ["datas"]]);
    return Buffer.from(found[0]?.datas ?? "", "base64").toString();
  };

  beforeAll(async () => {
    lab = await GrowthLab.open();
    lab.become("A");
    prod();
    await lab.mustUp(lab.project.name);
    odoo = await lab.loggedIn();
    await attach("before");
  });
  afterAll(() => (lab as GrowthLab | undefined)?.close());

  describe("to three machines: PostgreSQL, production, and the rest", () => {
    it("is told when a machine's clock is another one", async () => {
      lab.become("B");
      const fake = "#!/bin/sh\nexec /usr/bin/date --date '1 hour' \"$@\"\n";
      await lab.db.run(`printf '${fake.replaceAll("\n", "\\n").replaceAll("'", `'"'"'`)}' >/usr/local/bin/date && chmod +x /usr/local/bin/date`);
      const { exitCode, all } = await lab.project.cli(["up", lab.project.platform], { timeoutSeconds: 290 });
      await lab.db.run("rm /usr/local/bin/date");
      expect(exitCode).toBe(1);
      expect(plain(all)).toMatch(/db can't be prepared[\s\S]*its clock is 3\d\d\d seconds ahead/);
    });

    it("joins them to its Swarm while it serves", async () => {
      const { visits } = await lab.whileVisited(() => lab.mustUp(lab.project.platform));
      expect(visits.failures).toEqual([]);
      const nodes = await lab.one.run("docker node ls --format '{{.Status}} {{.ManagerStatus}}' | sort");
      expect(nodes.stdout.trim().split("\n")).toEqual(["Ready Leader", "Ready Reachable", "Ready Reachable"]);
    });

    it("leaves data where it is, and says what moves it", async () => {
      const services = "docker ps --quiet --no-trunc --filter label=com.docker.swarm.service.id | sort";
      const before = await lab.one.run(services);
      const { all } = await lab.mustUp(lab.project.prod);
      expect(plain(all)).toContain(`npx odoo-stacks move-database ${lab.project.prod}`);
      expect((await lab.one.run(services)).stdout).toBe(before.stdout);
    });

    it("moves the database under load: no write is lost, requests wait for seconds", async () => {
      const grown = await growUnderLoad(lab, "move-database");
      console.log(growthLine(grown));
      expectNothingLost(grown);
      expect(await roles(lab.db)).toEqual(["postgres"]);
      expect(await roles(lab.one)).not.toContain("postgres");
    });

    it("keeps the old copy until it is let go by name", async () => {
      const volume = `${lab.project.prod}-postgres-data`;
      // It gives PostgreSQL what its new machine has, for which it is started again.
      const { result, visits } = await lab.whileVisited(() => lab.mustUp(lab.project.prod));
      expect(plain(result.all)).toContain("PostgreSQL is started again");
      expect(visits.failures).toEqual([]);
      expect(plain(result.all)).not.toContain("move-database");
      expect(await volumes(lab.one)).toContain(volume);
      succeeded(await lab.project.cli(["let-go", lab.project.prod, "one", "--yes"], { timeoutSeconds: 290 }));
      expect(await volumes(lab.one)).not.toContain(volume);
      expect(await volumes(lab.db)).toContain(volume);
      const again = await lab.project.pulumi(["preview", "--stack", lab.project.prod, "--expect-no-changes"]);
      expect(again.exitCode, again.all).toBe(0);
    });

    it("takes a release with a change of modules, with PostgreSQL elsewhere", async () => {
      prod({ modules: ["contacts"] });
      const { result, visits } = await lab.whileVisited(() => lab.mustUp(lab.project.prod));
      expect(visits.failures).toEqual([]);
      expect(plain(result.all)).toContain("Modules: install contacts");
      expect(await sql("SELECT state FROM ir_module_module WHERE name = 'contacts'")).toBe("installed");
    });

    it("has staging made from it across machines, secured", async () => {
      const staging = `${lab.project.name}-staging`;
      const values = lab.project.prodValues({ protectData: false, domains: ["staging.localhost"], modules: undefined });
      lab.project.write(staging, { ...values, stage: "staging", restore: { source: lab.project.prod } });
      const { all } = await lab.mustUp(staging);
      expect(plain(all)).toContain("PostgreSQL is on another machine (db)");
      expect((await lab.client("staging.localhost").fetch("/web/login")).status).toBe(200);
      const psql = ["psql", "--stack", staging, "--", "-Atc", "SELECT count(*) FROM res_partner WHERE name LIKE 'Contact %'"];
      expect(succeeded(await lab.project.cli(psql)).stdout.trim()).toBe("0");
      expect((await volumes(lab.two)).filter((name) => name.startsWith(lab.project.prod))).toEqual([]);
      succeeded(await lab.project.cli(["destroy", staging, "--yes"], { timeoutSeconds: 290 }));
    });

    it("is refused to lose a machine that has data", async () => {
      lab.become("A");
      const { exitCode, all } = await lab.project.cli(["up", lab.project.platform], { timeoutSeconds: 290 });
      lab.become("B");
      expect(exitCode).toBe(1);
      expect(plain(all)).toContain(`db among them, because it has data of ${lab.project.prod}`);
      expect(await sql("SELECT 1")).toBe("1");
    });
  });

  describe("to two web machines", () => {
    const odooWith = (more: StackValues = {}) => prod({ modules: ["contacts"], filestore: { path: sharedFolder }, ...more });
    const targets = async () => {
      const proxy = "docker ps --quiet --filter label=odoo-stacks.role=proxy";
      const { stdout } = await lab.one.run(`docker exec $(${proxy}) kamal-proxy list`);
      return [...plain(stdout).matchAll(/[\w-]+prod-odoo-web[\w-]*service[\w-]*:8069/g)].map(([name]) => name);
    };

    it("is told when the folder for its files is not one", async () => {
      for (const host of [lab.one, lab.two]) await host.run("mkdir -p /srv/odoo");
      lab.become("C");
      await lab.mustUp(lab.project.platform);
      odooWith({ filestore: { path: "/srv/odoo" } });
      const { exitCode, all } = await lab.project.cli(["move-filestore", lab.project.prod, "--yes"], { timeoutSeconds: 290 });
      expect(exitCode).toBe(1);
      expect(plain(all)).toContain("one folder that one and two have in common");
      expect(await attached("before")).toBe("the content of before");
    });

    it("moves the files under load, and is served by both", async () => {
      odooWith();
      await attach("right before");
      const grown = await growUnderLoad(lab, "move-filestore");
      console.log(growthLine(undefined, grown));
      expectNothingLost(grown);
      expect(await targets()).toHaveLength(2);
      for (const host of [lab.one, lab.two]) expect(await roles(host)).toContain("odoo-web");
      // Whichever answers.
      for (let turn = 0; turn < 4; turn += 1) expect(await attached("right before")).toBe("the content of right before");
    });

    it("loses what was under way on a web machine whose power is cut, and nothing else", async () => {
      const { visits } = await lab.whileVisited(async () => {
        await lab.two.cutPower();
        await delay(8000);
      });
      console.log(`a web machine died: ${visits.failures.length} of ${visits.requests} requests failed`);
      expect(visits.failures.length).toBeLessThanOrEqual(20);
      await until("scheduled jobs run on the other one", 120, async () => (await roles(lab.one)).includes("odoo-cron"));
    });

    it("goes on without that machine once somebody says so", async () => {
      odooWith({ odoo: { logLevel: "warn" } });
      const { exitCode, all } = await lab.project.cli(["up", lab.project.prod], { timeoutSeconds: 290 });
      expect(exitCode).toBe(1);
      expect(plain(all)).toContain(`drain ${lab.project.platform} two`);
      succeeded(await lab.project.cli(["drain", lab.project.platform, "two", "--yes"], { timeoutSeconds: 290 }));
      const { visits } = await lab.whileVisited(() => lab.mustUp(lab.project.prod));
      expect(visits.failures).toEqual([]);
      expect(await targets()).toHaveLength(1);
      const status = await lab.project.cli(["status"], { timeoutSeconds: 290 });
      expect(plain(status.all)).toContain("two does not answer");
    });

    it("is served by both again when it is back", async () => {
      await lab.two.startAgain();
      await until("its Docker Engine", 120, async () => (await lab.two.run("docker info")).exitCode === 0);
      const end = ["drain", lab.project.platform, "two", "--end", "--yes"];
      const { visits } = await lab.whileVisited(() => lab.project.cli(end, { timeoutSeconds: 290 }).then(succeeded));
      expect(visits.failures).toEqual([]);
      await until("its web container", 120, async () => (await roles(lab.two)).includes("odoo-web"));
      expect(await targets()).toHaveLength(2);
      for (const stack of [lab.project.platform, lab.project.prod]) await lab.mustUp(stack);
    });

    it("has a machine taken out and let in again without a lost request", async () => {
      const drain = ["drain", lab.project.platform, "two", "--yes"];
      const out = await lab.whileVisited(() => lab.project.cli(drain, { timeoutSeconds: 290 }).then(succeeded));
      expect(out.visits.failures).toEqual([]);
      expect(await targets()).toHaveLength(1);
      await until("nothing of it runs there", 60, async () => (await roles(lab.two)).length === 0);
      const back = await lab.whileVisited(() => lab.project.cli([...drain, "--end"], { timeoutSeconds: 290 }).then(succeeded));
      expect(back.visits.failures).toEqual([]);
      expect(await targets()).toHaveLength(2);
    });

    it("comes back by itself when the machine of PostgreSQL, and then that of the proxy, has lost its power", async () => {
      for (const host of [lab.db, lab.one]) {
        await host.cutPower();
        await host.startAgain();
        await until("pages are there again", 180, async () => {
          const asked = lab.client().fetch("/web/login").then(({ status }) => status === 200);
          // What a machine without power was asked is never answered.
          return Promise.race([asked.catch(() => false), delay(3000, false)]);
        });
      }
      expect(await attached("before")).toBe("the content of before");
    });

    it("goes on without a machine that is gone for good in the middle of an `up`", async () => {
      odooWith({ odoo: { logLevel: "error" } });
      let cut: Promise<void> | undefined;
      const onLine = (line: string) => {
        if (line.includes("release-switch")) cut ??= lab.two.cutPower();
      };
      const { exitCode } = await lab.project.cli(["up", lab.project.prod], { timeoutSeconds: 290, onLine });
      await cut;
      expect(cut).toBeDefined();
      console.log(`a machine was gone in the middle of an up, which ended with exit code ${exitCode}`);
      expect(await attached("before")).toBe("the content of before");

      const [one = {}, , db = {}] = lab.platformValues("B").machines as StackValues[];
      const machines = [{ ...one, roles: ["production", "nonproduction"] }, db];
      lab.project.write(lab.project.platform, { ...lab.platformValues("B"), machines });
      await lab.mustUp(lab.project.platform);
      // Two are too few for several managers. A manager that has just begun to decide alone knows nothing of the others yet.
      const nodes = async () => {
        const { stdout } = await lab.one.run("docker node ls --format '{{.Status}} {{.ManagerStatus}}' | sort");
        return stdout.split("\n").flatMap((line) => line.trim() || []);
      };
      await until("the manager to hear of the other", 60, async () => !(await nodes()).includes("Unknown"));
      expect(await nodes()).toEqual(["Ready", "Ready Leader"]);
      succeeded(await lab.project.cli(["let-go", lab.project.prod, "two", "--lost", "--yes"], { timeoutSeconds: 290 }));
      await lab.mustUp(lab.project.prod);
      expect(await targets()).toHaveLength(1);
      expect(await attached("right before")).toBe("the content of right before");
      expect(await sql("SELECT state FROM ir_module_module WHERE name = 'contacts'")).toBe("installed");
    });
  });
});
