import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { hearOnWebsocket, openBrowser } from "../support/browser";
import { docker, objectsNamed, runningContainers, swarmState } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { Project } from "../support/project";
import { placesWith, ProcessWatch, visiblePlaces, type Place } from "../support/secrets";
import { progress, type ShellResult } from "../support/shell";
import { until } from "../support/until";

/** Everything is cached; the first database takes the most of it. Several times that for a busy machine. */
const startSeconds = 900;
const note = "Ring twice.";

describe("a fresh clone, started as the README says", () => {
  let project: Project;
  let swarmBefore: string;
  let started: ShellResult;
  let processes: Place;
  let password: string;
  let odoo: OdooClient;
  let order: { id: number; name: string };

  beforeAll(async () => {
    swarmBefore = await swarmState();
    project = await Project.cloned();
    const watch = new ProcessWatch();
    started = await project.npm(["start"], { timeoutSeconds: startSeconds, onLine: progress });
    processes = watch.stop();
    odoo = new OdooClient(`http://odoo.localhost:${project.httpPort}`);
  });
  afterAll(() => project.remove());

  /** The running containers of production, and of the platform that it is on. */
  const running = async () => [
    ...(await runningContainers(project.prod)),
    ...(await runningContainers(project.platform)),
  ];

  /** The running container of a role. */
  async function container(role: string) {
    const found = (await running()).find((one) => one.role === role);
    if (!found) throw new Error(`no container runs as ${role}`);
    return found;
  }

  const isRunning = async (id: string) => (await running()).some((one) => one.id === id);

  it("ends with an address, a login, a password and how long each part took", () => {
    expect(started.exitCode, started.all).toBe(0);
    expect(started.stdout).toContain(`${project.prod} is up: http://odoo.localhost:${project.httpPort}\n`);
    password = /login admin, password (\w{24})\n/.exec(started.stdout)?.[1] ?? "";
    expect(password).not.toBe("");
    expect(started.stdout).toMatch(/Time taken:[\s\S]*pulumi up -s \S+-prod[\s\S]*total/);
  });

  it("has production, and a staging and a development made from it, each under an address of its own", async () => {
    for (const [stack, host] of [
      [`${project.name}-staging`, "staging"],
      [`${project.name}-dev`, "dev"],
    ] as const) {
      const url = `http://${host}.localhost:${project.httpPort}`;
      expect(started.stdout).toContain(`${stack} is up: ${url}\n`);
      const own = new RegExp(`${stack} is up[^]*?password (\\w{24})\\n`).exec(started.stdout)?.[1] ?? "";
      expect(await new OdooClient(url).login("admin", own)).toBe(2);
    }
  });

  it("is unchanged for plain pulumi with the variables that one command prints", async () => {
    for (const stack of ["platform", "prod", "staging", "dev"].map((one) => `${project.name}-${one}`)) {
      const preview = await project.pulumi(["preview", "--expect-no-changes", "--stack", stack]);
      expect(preview.exitCode, preview.all).toBe(0);
    }
  });

  it("publishes nothing but the proxy, on this machine alone", async () => {
    const published = (await runningContainers(project.name)).filter(({ ports }) => ports.includes("->"));
    expect(published.map(({ role }) => role)).toEqual(["proxy"]);
    expect(published[0]?.ports.split(", ").every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
    expect(await docker("service", "ls", "--filter", `name=${project.name}`, "--format", "{{.Ports}}")).toBe("");
  });

  it("lets the administrator log in over JSON-RPC with that password, and nobody with another one", async () => {
    await expect(new OdooClient(`http://odoo.localhost:${project.httpPort}`).login("admin", "admin")).rejects.toThrow(
      /denied/i,
    );
    expect(await odoo.login("admin", password)).toBe(2);
    const [company] = await odoo.call<{ name: string }[]>("res.company", "search_read", [[], ["name"]]);
    expect(company?.name).toBeTruthy();
  });

  it("takes a sales order, with the field of the example module", async () => {
    const partner = await odoo.call<number>("res.partner", "create", [{ name: "Ada's Bakery" }]);
    const product = await odoo.call<number>("product.product", "create", [{ name: "Flour", list_price: 12.5 }]);
    const line = [0, 0, { product_id: product, product_uom_qty: 4, tax_ids: [[6, 0, []]] }];
    const id = await odoo.call<number>("sale.order", "create", [
      { partner_id: partner, delivery_note: note, order_line: [line] },
    ]);
    await odoo.call("sale.order", "action_confirm", [[id]]);
    const [read] = await odoo.call<{ name: string; state: string; amount_total: number; delivery_note: string }[]>(
      ...(["sale.order", "read", [[id], ["name", "state", "amount_total", "delivery_note"]]] as const),
    );
    expect(read).toMatchObject({ state: "sale", amount_total: 50, delivery_note: note });
    order = { id, name: read?.name ?? "" };
    const views = await odoo.call<{ views: { form: { arch: string } } }>("sale.order", "get_views", [], {
      views: [[false, "form"]],
    });
    expect(views.views.form.arch).toContain('name="delivery_note"');
  });

  it("keeps files on the filestore's volume", async () => {
    const data = Buffer.from("kept in a file").toString("base64");
    const id = await odoo.call<number>("ir.attachment", "create", [{ name: "note.txt", datas: data }]);
    const [read] = await odoo.call<{ store_fname: string }[]>("ir.attachment", "read", [[id], ["store_fname"]]);
    const path = `/var/lib/odoo/filestore/odoo/${read?.store_fname ?? "missing"}`;
    const { id: cron } = await container("odoo-cron");
    // Written by the web container, read in the other one.
    expect(await docker("exec", cron, "cat", path)).toBe("kept in a file");
  });

  it("shows no list of databases, and no way to make, drop or download one", async () => {
    for (const path of ["/web/database/manager", "/web/database/selector"]) {
      const { status, body } = await odoo.fetch(path);
      expect(body, `${path}: ${status}`).not.toMatch(/\/odoo\?db=|name="master_pwd" class|Create Database<\/button>/);
    }
    await expect(odoo.rpc("/web/database/list", {})).rejects.toThrow(/denied/i);
  });

  it("has the files of the configuration readable for their reader alone", async () => {
    const { id } = await container("odoo-web");
    expect(await docker("exec", id, "stat", "-c", "%a %u %g", "/etc/odoo/odoo.conf")).toBe("400 100 101");
    expect(
      await docker("exec", (await container("postgres")).id, "stat", "-c", "%a", "/run/secrets/odoo_password"),
    ).toBe("400");
  });

  describe("in a browser", () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser.close());

    it("logs in, opens Sales, shows the order and holds a websocket", { timeout: 180_000 }, async () => {
      const url = `http://odoo.localhost:${project.httpPort}`;
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(`${url}/web/login`, { timeout: 60_000 });
      await page.fill("input[name=login]", "admin");
      await page.fill("input[name=password]", password);
      await page.click("button[type=submit]");
      await page.waitForSelector(".o_web_client .o_main_navbar", { timeout: 90_000 });
      await page.goto(`${url}/odoo/action-sale.action_orders/${order.id}`, { timeout: 60_000 });
      await page.waitForSelector(".o_form_view", { timeout: 60_000 });
      await page.getByText(order.name).first().waitFor({ timeout: 30_000 });
      await page.click(".o_notebook .nav-link[name=other_information]");
      const written = page.locator(".o_field_widget[name=delivery_note]");
      await written.waitFor({ timeout: 30_000 });
      // A text box while the order can be changed, plain text after that.
      const box = written.locator("textarea").first();
      expect((await ((await box.count()) > 0 ? box.inputValue() : written.innerText())).trim()).toBe(note);

      // Odoo's own websocket is open: a connection to the gevent process, which listens on 8072 (1F88).
      const { id: web } = await container("odoo-web");
      await until("a websocket of the page", 30, async () =>
        /:1F88 \S+ 01 /.test(await docker("exec", web, "cat", "/proc/net/tcp", "/proc/net/tcp6")),
      );
      const shot = join(mkdtempSync(join(tmpdir(), "odoo-stacks-screenshot-")), "sales.png");
      await page.screenshot({ path: shot });
      progress(`screenshot: ${shot}`);
      expect(errors).toEqual([]);

      // And messages arrive on one: subscribed in the page, sent by Odoo, carried by PostgreSQL, gevent and the proxy.
      const received = page.evaluate(hearOnWebsocket, "odoo-stacks-test");
      const said = await until("the page's subscription", 30, () => page.evaluate("window.subscribed"));
      expect(said).toBe(true);
      const program = 'env["bus.bus"]._sendone("odoo-stacks-test", "greeting", {"hello": "world"}); env.cr.commit()\n';
      const shell = await project.cli(["shell", "--stack", project.prod], { input: program });
      expect(shell.exitCode, shell.all).toBe(0);
      expect(await received).toMatch(/greeting.*hello.*world/);
    });
  });

  it.each(["postgres", "odoo-cron", "odoo-web", "proxy"])(
    "survives the sudden end of its %s container, with all data",
    async (role) => {
      const { id } = await container(role);
      const started = () => docker("inspect", "--format", "{{.State.StartedAt}}", id).catch(() => "gone");
      // Read first: Docker starts the proxy again within a tenth of a second.
      const before = await started();
      // As a crash, or the kernel short of memory, would end it: `docker kill` counts as a wish and starts nothing again.
      process.kill(Number(await docker("inspect", "--format", "{{.State.Pid}}", id)), "SIGKILL");
      await until(`the end of ${role}`, 30, async () => (await started()) !== before || !(await isRunning(id)));
      await until("the order over the proxy", 120, async () => {
        const [read] = await odoo.call<{ name: string }[]>("sale.order", "read", [[order.id], ["name"]]);
        return read?.name === order.name;
      });
      // Those that need the one that ended may have ended with it: all come back.
      await until("all containers, healthy", 120, async () => {
        const healthy = (await running()).filter(({ status }) => status.includes("(healthy)"));
        return ["odoo-cron", "odoo-web", "postgres", "proxy"].every((role) => healthy.some((one) => one.role === role));
      });
    },
  );

  it("shows our page when Odoo is not there, and goes on when it is back", async () => {
    const service = (await container("odoo-web")).name.split(".")[0] ?? "";
    await docker("service", "scale", "--detach", `${service}=0`);
    const page = await until("the proxy's page", 90, async () => {
      const answer = await odoo.fetch("/web/login");
      return answer.status >= 500 ? answer : undefined;
    });
    expect([502, 503, 504]).toContain(page.status);
    expect(page.body).toMatch(/<h1>(The service is not available|Back in a moment|This took too long)<\/h1>/);
    await docker("service", "scale", "--detach", `${service}=1`);
    await until("Odoo's login page", 120, async () => (await odoo.fetch("/web/login")).status === 200);
  });

  it("shows no secret to whoever looks at Docker, processes, logs or files", async () => {
    const state = await project.pulumi(["stack", "export", "--show-secrets", "--stack", project.prod]);
    const { deployment } = JSON.parse(state.stdout) as {
      deployment: { resources: { type: string; outputs?: { result?: { plaintext?: string } } }[] };
    };
    const passwords = deployment.resources
      .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
      .map(({ outputs }) => JSON.parse(outputs?.result?.plaintext ?? '""') as string);
    expect(passwords).toHaveLength(3);
    expect(passwords).toContain(password);
    const places = await visiblePlaces(project.name, [project.stateDir, join(project.dir, "stacks")]);
    expect(places.length).toBeGreaterThan(10);
    expect(placesWith(passwords, [...places, processes])).toEqual([]);
    // The search finds what is there: the password was shown once, as it should be.
    expect(placesWith(passwords, [{ name: "npm start", text: started.stdout }])).toEqual(["npm start"]);
  });

  it("leaves nothing on the machine but caches after npm run destroy", async () => {
    const destroyed = await project.npm(["run", "destroy", "--", "--yes"], { timeoutSeconds: 300 });
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(await objectsNamed(project.name)).toEqual([]);
    expect(await swarmState()).toBe(swarmBefore);
    expect(existsSync(join(project.stateDir, "pulumi"))).toBe(false);
    expect(existsSync(join(project.stateDir, "passphrase"))).toBe(false);
  });
});
