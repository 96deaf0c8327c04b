import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, runningContainers } from "../support/docker";
import { ReleaseLab } from "../support/releaseLab";
import type { StackValues } from "../support/project";
import { plain, sh, succeeded } from "../support/shell";
import { until } from "../support/until";

/** A platform and an environment, each with several containers. */
const upSeconds = 290;

describe("production that grows from one web machine to several, on this machine", () => {
  let lab: ReleaseLab;
  const odoo = { workers: 2, cronThreads: 1 };
  const webs = async () => (await runningContainers(lab.stack)).filter(({ role }) => role === "odoo-web");
  const ids = async () => (await webs()).map(({ id }) => id).sort();
  const grow = async (platform: StackValues) => {
    lab.project.write(lab.project.platform, lab.project.platformValues(platform));
    const { result, visits } = await lab.whileVisited(() =>
      lab.project.cli(["up", lab.project.name], { timeoutSeconds: upSeconds }),
    );
    succeeded(result);
    return visits;
  };
  const volumes = async () =>
    docker("volume", "ls", "--filter", "label=odoo-stacks.stack", "--format", "{{.Name}}", "--filter", `name=${lab.stack}`);
  const targets = async () => [...(await lab.routes()).matchAll(/[\w-]+web[\w-]*service[\w-]*:8069/g)].map(([name]) => name);

  beforeAll(async () => {
    lab = await ReleaseLab.open({ odoo });
    await lab.odoo.call("res.partner", "create", [{ name: "Before it grew" }]);
  });
  afterAll(() => lab.close());

  it("keeps its data and loses no request", async () => {
    const before = { volumes: await volumes(), postgres: await lab.container("postgres") };
    const visits = await grow({ topology: "load-balanced-production", webMachines: 2 });
    expect(visits.failures).toEqual([]);
    expect(visits.requests).toBeGreaterThan(50);
    // The one that was there goes for one with half the memory.
    await until("two are left", 60, async () => (await webs()).length === 2);
    expect(await targets()).toHaveLength(2);
    expect(await volumes()).toBe(before.volumes);
    expect(await lab.container("postgres")).toBe(before.postgres);
    expect(await lab.sql("SELECT count(*) FROM res_partner WHERE name = 'Before it grew'")).toBe("1");
  });

  it("is served by all of them, to the same session", async () => {
    for (let turn = 0; turn < 8; turn += 1) await lab.odoo.call("res.partner", "search_count", [[]]);
    for (const { id } of await webs()) {
      await until("it has answered", 20, async () => /call_kw\/res\.partner\/search_count/.test((await sh(["docker", "logs", id])).all));
    }
  });

  it("goes to another version on all of them as one", async () => {
    const before = await ids();
    lab.configure({ odoo: { ...odoo, logLevel: "warn" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    succeeded(result);
    expect(visits.failures).toEqual([]);
    await until("the old ones have ended", 60, async () => (await ids()).every((id) => !before.includes(id)));
    expect(await ids()).toHaveLength(2);
    expect(await targets()).toHaveLength(2);
  });

  it("stays at its version on all of them when one of the new ones does not come up", async () => {
    const [before, routes] = [await ids(), await targets()];
    lab.configure({ odoo: { ...odoo, logLevel: "error" } });
    let isUp = false;
    const crashing = async () => {
      while (!isUp) {
        const fresh = (await webs()).filter(({ id, name }) => name.includes("-web-2-") && !before.includes(id));
        for (const { id } of fresh) await lab.crash(id);
        await delay(100);
      }
    };
    const { result, visits } = await lab.whileVisited(async () => {
      const crashes = crashing();
      const up = await lab.up().finally(() => (isUp = true));
      await crashes;
      return up;
    });
    expect(result.exitCode).toBe(1);
    expect(plain(result.all)).toContain("The new version does not start");
    expect(visits.failures).toEqual([]);
    expect(await targets()).toEqual(routes);
    expect(await ids()).toEqual(expect.arrayContaining(before));
    succeeded(await lab.up());
  });

  it("serves on when a web machine dies: what was under way on it is lost, and what is asked until it is noticed", async () => {
    const [victim] = await webs();
    const { visits } = await lab.whileVisited(async () => {
      await lab.crash(victim?.id ?? "");
      await until("another one in its place", 120, async () => {
        const all = await webs();
        return all.length === 2 && all.every(({ id, status }) => id !== victim?.id && status.includes("(healthy)"));
      });
    });
    console.log(`a web machine died: ${visits.failures.length} of ${visits.requests} requests failed`);
    // 20 requests a second, of which half went there.
    expect(visits.failures.length).toBeLessThanOrEqual(10);
  });

  it("shrinks to one again, and loses no request", async () => {
    const visits = await grow({ topology: "single-host" });
    expect(visits.failures).toEqual([]);
    await until("one is left", 60, async () => (await webs()).length === 1);
    expect(await targets()).toHaveLength(1);
    expect(await lab.sql("SELECT count(*) FROM res_partner WHERE name = 'Before it grew'")).toBe("1");
  });
});
