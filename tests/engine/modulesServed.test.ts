import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { announce } from "../../infra/operator/announce";
import { findFailures, readLogs } from "../../infra/operator/logs";
import { type WarmTarget, warmAssets, warmWorkers } from "../../infra/operator/warm";
import { publishedPort } from "../support/containers";
import { docker, removeNamed } from "../support/docker";
import { ModuleLab } from "../support/moduleLab";
import { OdooClient } from "../support/odoo";
import { sh } from "../support/shell";
import { until } from "../support/until";

/** A web container of the second version that was started beside the first, as in a release, and then used. */
const lab = new ModuleLab("modules-served");
const database = "served";
let target: WarmTarget;
let odoo: OdooClient;
let upgradedAt: Date;
const reports: string[] = [];
const report = (line: string) => void reports.push(line);

beforeAll(async () => {
  await lab.open();
  await lab.copy(database);
  const second = await lab.imageOf("tests/fixtures/addons-v2");
  const container = await lab.web(database, second);
  target = { container, host: "odoo.localhost" };
  odoo = new OdooClient(`http://odoo.localhost:${await publishedPort(container, 8069)}`);
  await until("the process for websockets", 60, async () => {
    const argv = ["docker", "exec", container, "curl", "--fail", "--silent", "http://127.0.0.1:8072/web/health"];
    return (await sh(argv)).exitCode === 0;
  });
  upgradedAt = new Date();
  await lab.release(database, second, { modules: ["sale_delivery_note"] });
});
afterAll(async () => {
  await removeNamed(`${lab.containers.network}-job`);
  await lab.close();
});

const log = async () => (await readLogs([target.container], upgradedAt))[0]?.lines ?? [];
/** Processes that have read the models anew, by ID. */
const reloaded = async () =>
  new Set(
    (await log()).filter((line) => line.includes("Reloading the model registry")).map((line) => line.split(" ")[2]),
  );
const bundles = () =>
  lab.sql(database, "SELECT string_agg(url, ' ' ORDER BY url) FROM ir_attachment WHERE url LIKE '/web/assets/%'");

describe("after an upgrade", () => {
  it("every process reads the models anew before anyone comes", async () => {
    const warmed = await warmWorkers(target, 2, 60);
    expect(warmed).toMatchObject({ requests: 5, failures: [] });
    // Two for pages, one for websockets.
    expect((await reloaded()).size).toBe(3);
    await warmWorkers(target, 2, 60);
    expect((await reloaded()).size).toBe(3);
  });

  it("scripts and styles are made: the usual ones first, then all that were ever used", async () => {
    expect(await warmAssets(target, lab.postgres, database, 200)).toMatchObject({ requests: 5, failures: [] });
    const made = await bundles();
    expect(made.split(" ")).toHaveLength(5);
    expect(made).not.toContain("0000000");
    expect(made).toMatch(/web\.assets_web\.min\.js/);
    // A version that is out of date is replaced, others are left alone.
    await lab.sql(
      database,
      "UPDATE ir_attachment SET url = regexp_replace(url, 'assets/[^/]+', 'assets/1234567') WHERE url LIKE '%web.assets_frontend.min.css'",
    );
    expect(await warmAssets(target, lab.postgres, database, 200)).toMatchObject({ requests: 5, failures: [] });
    expect(await bundles()).toBe(made);
  });

  it("the log tells of nothing but what Odoo itself does wrong", async () => {
    await odoo.login("admin", "admin", database);
    await odoo.call("sale.order", "search_read", [[], ["gate_code"]]);
    expect((await log()).length).toBeGreaterThan(20);
    expect(findFailures(await log())).toEqual([]);
    await expect(odoo.call("sale.order", "search", [[["no_such_field", "=", 1]]])).rejects.toThrow(/no_such_field/);
    const failures = await until("the error to be logged", 10, async () => {
      return findFailures(await log())
        .flatMap(({ lines }) => lines)
        .join("\n");
    });
    expect(failures).toMatch(/Traceback[^]*no_such_field/);
    expect(findFailures(await log(), ["Invalid field sale\\.order\\.no_such_field"])).toEqual([]);
  });

  it("a container that does not answer is told of, in the time that was given", async () => {
    // With its workers stopped, requests wait in line until they are given up. The process above them goes on.
    const program = (signal: number) => `import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    stat = open(f"/proc/{pid}/stat").read().split()
    if b"/odoo\\0server" in open(f"/proc/{pid}/cmdline", "rb").read() and stat[3] != "1":
        os.kill(int(pid), ${signal})`;
    const stop = (signal: number) => docker("exec", target.container, "python3", "-c", program(signal));
    await stop(19);
    try {
      const warmed = await warmWorkers(target, 2, 3);
      expect(warmed.failures).toHaveLength(4);
      expect(warmed.seconds).toBeLessThan(8);
    } finally {
      await stop(18);
    }
  });
});

describe("an announcement", () => {
  const text = { title: "A new version", message: "It's <b>soon</b>: 10 €\nSave your work.", sticky: true };

  it("reaches whoever is logged in, over the bus, as it was written", async () => {
    await odoo.login("admin", "admin", database);
    const peek = () =>
      odoo.rpc<{ notifications: { message: { type: string; payload: unknown } }[] }>("/websocket/peek_notifications", {
        channels: [],
        last: 0,
        is_first_poll: true,
      });
    const listening = docker(
      ...["exec", lab.postgres, "psql", "-XAtq", "-U", "postgres", "-d", "postgres"],
      ...["-c", "LISTEN imbus", "-c", "SELECT pg_sleep(4)"],
    );
    await until("somebody to listen", 10, () =>
      lab.sql("postgres", "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(4)'"),
    );
    expect(await announce(lab.postgres, database, text, report)).toBe(true);
    const { notifications } = await peek();
    const { title, message, sticky } = text;
    expect(notifications.map(({ message: sent }) => sent)).toContainEqual({
      type: "simple_notification",
      payload: { title, message, sticky, type: "warning" },
    });
    expect(await listening).toContain(`"imbus" with payload "[["${database}","res.groups",`);
    const stranger = new OdooClient(`http://odoo.localhost:${await publishedPort(target.container, 8069)}`);
    await stranger.fetch("/web/login");
    const seen = await stranger.rpc<{ notifications: unknown[] }>("/websocket/peek_notifications", {
      channels: [],
      last: 0,
      is_first_poll: true,
    });
    expect(JSON.stringify(seen.notifications)).not.toContain("A new version");
  });

  it("never fails a release: without the bus, without the server", async () => {
    await lab.sql("template1", "CREATE DATABASE without_bus");
    expect(await announce(lab.postgres, "without_bus", text, report)).toBe(false);
    expect(reports).toEqual([]);
    expect(await announce("no-such-container", database, text, report)).toBe(false);
    expect(reports.join()).toMatch(/Users could not be told[^]*no-such-container/);
  });
});
