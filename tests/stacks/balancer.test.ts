import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Balancer, visitor } from "../support/balancer";
import { GrowthLab, sharedFolder } from "../support/growthLab";
import { OdooClient } from "../support/odoo";
import type { StackValues } from "../support/project";
import type { ServerHost } from "../support/serverHost";
import { plain, succeeded } from "../support/shell";
import { until } from "../support/until";
import { whileVisited } from "../support/visits";

describe("production on two servers behind a load balancer of the user's own, made from nothing", () => {
  let lab: GrowthLab;
  let balancer: Balancer;
  const prod = (more: StackValues = {}) =>
    lab.project.write(
      lab.project.prod,
      lab.project.prodValues({ protectData: false, filestore: { path: sharedFolder }, ...more }),
    );
  const client = () => new OdooClient("https://odoo.localhost", { host: "127.0.0.1", port: balancer.port });
  const visited = (action: () => Promise<unknown>) => whileVisited(client, action);
  /** Where a machine's proxy sends pages. */
  const targets = async (host: ServerHost) => {
    const proxy = "docker ps --quiet --filter label=odoo-stacks.role=proxy";
    const { stdout } = await host.run(`docker exec $(${proxy}) kamal-proxy list`);
    return [...plain(stdout).matchAll(/[\w-]+prod-odoo-web[\w-]*service[\w-]*:8069/g)].map(([name]) => name).sort();
  };

  beforeAll(async () => {
    lab = await GrowthLab.open();
    balancer = await Balancer.start([lab.one.address, lab.two.address]);
    const values = lab.platformValues("C");
    lab.project.write(lab.project.platform, { ...values, proxy: { bind: "0.0.0.0", httpPort: 80, balancer: "https" } });
    prod();
    await lab.mustUp(lab.project.name);
  });
  afterAll(async () => {
    await (balancer as Balancer | undefined)?.stop();
    await (lab as GrowthLab | undefined)?.close();
  });

  it("is reached through a proxy on each web machine, both with all web containers behind them", async () => {
    await until("the balancer sees both", 10, () => Promise.resolve(balancer.serving.length === 2));
    const [one, two] = [await targets(lab.one), await targets(lab.two)];
    expect(one).toHaveLength(2);
    expect(two).toEqual(one);
    for (let turn = 0; turn < 4; turn += 1) expect((await client().fetch("/web/login")).status).toBe(200);
  });

  it("believes what the balancer says of who asks, and how", async () => {
    const { headers } = await client().fetch("/odoo");
    expect(headers.location ?? "").not.toMatch(/^http:/);
    const logs = await lab.project.cli(["logs", "-s", lab.project.prod, "--role", "web"]);
    expect(plain(succeeded(logs).all)).toMatch(new RegExp(`${visitor.replaceAll(".", "[.]")} - - .*"GET /odoo `));
  });

  it("takes a release with a change of modules on both without a lost request", async () => {
    prod({ modules: ["contacts"] });
    const { visits } = await visited(() => lab.mustUp(lab.project.prod));
    expect(visits.failures).toEqual([]);
    expect(await lab.sql("SELECT state FROM ir_module_module WHERE name = 'contacts'")).toBe("installed");
    expect(await targets(lab.two)).toEqual(await targets(lab.one));
  });

  it("shows the maintenance page whichever way it is reached, and ends it", async () => {
    succeeded(await lab.project.cli(["maintenance", "on", "-s", lab.project.prod, "--message", "Back at noon."]));
    for (let turn = 0; turn < 4; turn += 1) {
      const { status, body } = await client().fetch("/web/login");
      expect(status).toBe(503);
      expect(body).toContain("Back at noon.");
    }
    succeeded(await lab.project.cli(["maintenance", "off", "-s", lab.project.prod]));
    for (let turn = 0; turn < 4; turn += 1) expect((await client().fetch("/web/login")).status).toBe(200);
  });
});
