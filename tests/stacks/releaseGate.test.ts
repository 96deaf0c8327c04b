import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReleaseLab } from "../support/releaseLab";

describe("the gate in front of production", () => {
  let lab: ReleaseLab;
  let staging: string;
  beforeAll(async () => {
    // What is released matters here, not the modules: the smallest Odoo will do.
    lab = await ReleaseLab.open({ modules: [] });
    staging = `${lab.project.name}-staging`;
  });
  afterAll(() => lab.close());

  const gate = (more: object = {}) => lab.configure({ modules: [], release: { requires: staging, ...more } });

  it("refuses an image that the other environment never ran, before anything changes", async () => {
    lab.useAddons("addons-v2");
    gate();
    const before = await lab.routes();
    const result = await lab.up();
    expect(result.exitCode).not.toBe(0);
    expect(result.all).toMatch(
      new RegExp(`may not be released here yet[\\s\\S]*${staging} has run for at least 7 days[\\s\\S]*never ran`),
    );
    expect(await lab.routes()).toBe(before);
  });

  it("accepts it for a reason, which the history keeps", async () => {
    const reason = "A fix of a security hole, agreed with the customer.";
    gate({ override: reason });
    await lab.mustUp();
    expect(await lab.lastRelease()).toMatchObject({ result: "released", override: reason });
    expect((await lab.must(["history"])).stdout).toContain(`let through the gate: ${reason}`);
  });

  it("lets through what the environment itself has run before", async () => {
    lab.useAddons();
    gate();
    await lab.mustUp();
  });

  it("refuses what the other environment has not run for long enough, and accepts it afterwards", async () => {
    lab.useAddons("addons-broken");
    lab.project.write(
      staging,
      lab.project.prodValues({ stage: "staging", domains: ["staging.localhost"], odoo: { workers: 2 } }),
    );
    const up = await lab.project.cli(["up", staging], { timeoutSeconds: 280 });
    expect(up.exitCode, up.all).toBe(0);

    gate({ soak: "1 hour" });
    const early = await lab.up();
    expect(early.exitCode).not.toBe(0);
    expect(early.all).toMatch(/has run for at least 1 hour[\s\S]*there since/);

    gate({ soak: "1 minute" });
    // The time that staging has run it passes while this is tried.
    await expect.poll(async () => (await lab.up()).exitCode, { timeout: 200_000, interval: 10_000 }).toBe(0);
    expect(await lab.lastRelease()).toMatchObject({ result: "released", reason: "" });
  });
});
