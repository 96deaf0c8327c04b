import { appendFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objectsNamed, runningContainers } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { Project, type StackValues } from "../support/project";
import { succeeded } from "../support/shell";
import { until } from "../support/until";

/** A first database with the example module takes a minute on two cores where nothing is cached. */
const upSeconds = 280;

describe("a development environment", () => {
  let project: Project;
  let odoo: OdooClient;
  const dev = () => `${project.name}-dev`;
  const values = (more: StackValues = {}): StackValues =>
    project.prodValues({
      stage: "development",
      domains: ["dev.localhost"],
      odoo: { workers: 2, cronThreads: 1, dev: ["reload", "xml"] },
      modules: ["sale_management", "sale_delivery_note"],
      mount: "addons",
      protectData: false,
      expiresAfter: "14 days",
      ...more,
    });

  beforeAll(async () => {
    project = await Project.copied();
    project.write(project.platform, project.platformValues());
    project.write(dev(), values());
    const up = succeeded(await project.cli(["up", project.name, "--json"], { timeoutSeconds: upSeconds }));
    const { environments } = JSON.parse(up.stdout) as { environments: { password: string }[] };
    odoo = new OdooClient(`http://dev.localhost:${project.httpPort}`);
    await odoo.login("admin", environments[0]?.password ?? "");
  });
  afterAll(() => project.remove());

  it("shows no change in a second preview", async () => {
    const preview = await project.pulumi(["preview", "--expect-no-changes", "--stack", dev()]);
    expect(preview.exitCode, preview.all).toBe(0);
  });

  it("runs code that was changed in its folder, within seconds and without a failed request", async () => {
    const models = join(project.dir, "addons/sale_delivery_note/models");
    const code = [
      ...["from odoo import models", "", "", "class SaleOrder(models.Model):", '    _inherit = "sale.order"', ""],
      ...["    def probe(self):", '        return "changed"', ""],
    ];
    const web = async () => (await runningContainers(dev())).find(({ role }) => role === "odoo-web")?.id;
    const before = await web();
    const over = new AbortController();
    const statuses = new Set<number>();
    const visitor = (async () => {
      while (!over.signal.aborted) {
        statuses.add((await odoo.fetch("/web/login")).status);
        await delay(100);
      }
    })();
    writeFileSync(join(models, "probe.py"), code.join("\n"));
    appendFileSync(join(models, "__init__.py"), "from . import probe\n");
    try {
      await until("the changed code to run", 60, async () => {
        return (await odoo.call<string>("sale.order", "probe", [[]])) === "changed";
      });
      await delay(3_000); // The old processes end.
    } finally {
      over.abort();
      await visitor;
    }
    expect([...statuses].filter((status) => status >= 400)).toEqual([]);
    await until("all containers to be well", 180, async () =>
      (await runningContainers(project.name)).every(({ status }) => !/unhealthy|starting/.test(status)),
    );
    expect(await web()).toBe(before);
  });

  it("delivers mails to its page and nowhere else", async () => {
    const outputs = succeeded(await project.pulumi(["stack", "output", "--json", "--show-secrets", "--stack", dev()]));
    const { mailUrl, mailPassword } = JSON.parse(outputs.stdout) as Record<"mailUrl" | "mailPassword", string>;
    await odoo.call("ir.mail_server", "create", [{ name: "Catcher", smtp_host: "mail", smtp_port: 1025 }]);
    const mail = { subject: "Your order 4711", email_to: "customer@example.org", email_from: "shop@example.com" };
    const id = await odoo.call<number>("mail.mail", "create", [{ ...mail, body_html: "<p>Hello</p>" }]);
    await odoo.call("mail.mail", "send", [[id]]);
    const { port, host } = new URL(mailUrl);
    const list = async (password: string) => {
      const authorization = `Basic ${Buffer.from(`mail:${password}`).toString("base64")}`;
      const answers = ["/api/email", "/api/v1/messages"].map((path) => pageOf(port, host, path, authorization));
      return (await Promise.all(answers)).join("");
    };
    await until("the mail to be shown", 20, async () => (await list(mailPassword)).includes("Your order 4711"));
    expect(await list("wrong")).not.toContain("4711");
  });

  it("is removed when its time is over, and not before", async () => {
    expect(succeeded(await project.cli(["clean-up", "--yes", "--json"])).stdout.trim()).toBe('{"destroyed":[]}');
    project.write(dev(), values({ expiresAfter: "1 second" }));
    const refused = await project.cli(["clean-up"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.all).toMatch(new RegExp(`${dev()} +\\d+ minutes? +1 second +[\\d.]+ MB`));
    const removed = succeeded(await project.cli(["clean-up", "--yes", "--json"], { timeoutSeconds: 200 }));
    expect(JSON.parse(removed.stdout)).toMatchObject({ destroyed: [{ stack: dev() }] });
    expect(await objectsNamed(dev())).toEqual([]);
  });
});

/** Asks the proxy for a page of a host whose name need not resolve. */
function pageOf(port: string, host: string, path: string, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host, authorization } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject).end();
  });
}
