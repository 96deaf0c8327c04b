import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objectsNamed } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { ReleaseLab } from "../support/releaseLab";
import type { Visits } from "../support/visits";
import { until } from "../support/until";

const release = { rehearse: "always", keepSets: 20 };

describe("a release that is rehearsed on a copy", () => {
  let lab: ReleaseLab;
  beforeAll(async () => {
    lab = await ReleaseLab.open({ release });
  });
  afterAll(() => lab.close());

  const page = () => new OdooClient(lab.url).fetch("/web/login");
  const status = async () => (await page()).status;
  /** Whether visitors met nothing but the page, and some did. */
  const onlyPages = ({ failures }: Visits) => failures.length > 0 && failures.every((text) => text === "status 503");
  const copies = () => objectsNamed(`${lab.stack}-trial`);

  it("fails there when its modules can't be upgraded, and touches nothing of the environment", async () => {
    lab.useAddons("addons-broken");
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode).not.toBe(0);
    expect(result.all).toMatch(/The rehearsal on a copy failed: Changing the modules failed/);
    expect(visits.failures).toEqual([]);
    expect(await lab.lastRelease()).toMatchObject({ result: "failed", heldSeconds: 0, set: false });
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.1.0.0");
    expect(await copies()).toEqual([]);
  });

  it("leaves no copy behind when the operator is killed in the middle", async () => {
    lab.useAddons("addons-v2");
    const result = await lab.upWith("rehearse", async () => {
      const server = `container ${lab.stack}-trial-postgres`;
      await until("the copy is there", 60, async () => ((await copies()).includes(server) ? true : undefined));
      await lab.crash(`${lab.stack}-operator`);
    });
    expect(result.exitCode).not.toBe(0);
    expect(result.all).toContain("It was interrupted at the step rehearse.");
    expect(await copies()).toEqual([]);
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.1.0.0");
  });

  it("is carried out when the rehearsal went well, and the history has its time", async () => {
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(result.all).toMatch(/The rehearsal on a copy went well: changing the modules took \d+\.\d s/);
    expect(visits.failures).toEqual([]);
    expect(await lab.moduleVersion("sale_delivery_note")).toBe("19.0.2.0.0");
    const made = await lab.lastRelease();
    expect(made).toMatchObject({ result: "released", reason: "", set: true });
    expect(made.rehearsedSeconds).toBeGreaterThan(0.5);
    expect((await lab.must(["history"])).stdout).toMatch(/rehearsed: \d+\.\d s/);
    expect(await copies()).toEqual([]);
  });

  it("shows the maintenance page with the estimate when it would take longer than requests may be held", async () => {
    lab.useAddons();
    // A quiet machine changes the modules of the copy in less than two.
    lab.configure({ release: { ...release, maxHold: "1 second" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(onlyPages(visits)).toBe(true);
    for (const page of visits.pages)
      expect(page).toMatch(/takes about \d+ seconds\. Expected to be back at about \d\d:\d\d UTC/);
    const made = await lab.lastRelease();
    expect(made).toMatchObject({ result: "released", heldSeconds: 0 });
    expect(made.pageSeconds).toBeGreaterThan(2);
    expect(await status()).toBe(200);
  });

  it("goes over from holding requests to the page when nobody could know how long it takes", async () => {
    lab.useAddons("addons-v2");
    const modules = ["sale_management", "sale_delivery_note", "sale_delivery_route"];
    lab.configure({ modules, release: { rehearse: "never", maxHold: "2 seconds" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode, result.all).toBe(0);
    expect(onlyPages(visits)).toBe(true);
    for (const page of visits.pages) expect(page).toContain("Odoo is being updated.");
    const made = await lab.lastRelease();
    expect(made.heldSeconds).toBeGreaterThan(0.9);
    expect(made.heldSeconds).toBeLessThan(1.9);
    expect(made.pageSeconds).toBeGreaterThan(0.5);
    expect(await status()).toBe(200);
  });

  it("takes the page away after a failure, and leaves a maintenance that was on before as it was", async () => {
    lab.useAddons("addons-broken");
    lab.configure({ release: { rehearse: "never", maxHold: "2 seconds" } });
    const { result, visits } = await lab.whileVisited(() => lab.up());
    expect(result.exitCode).not.toBe(0);
    expect(onlyPages(visits)).toBe(true);
    const failed = await lab.lastRelease();
    expect(failed).toMatchObject({ result: "failed" });
    expect(failed.pageSeconds).toBeGreaterThan(0.5);
    expect(await status()).toBe(200);

    await lab.must(["maintenance", "on", "--message", "Back at noon"]);
    expect((await lab.up()).exitCode).not.toBe(0);
    expect((await lab.lastRelease()).pageSeconds).toBeGreaterThan(0.5);
    expect((await page()).body).toContain("Back at noon");
    await lab.must(["maintenance", "off"]);
    expect(await status()).toBe(200);
  });
});
