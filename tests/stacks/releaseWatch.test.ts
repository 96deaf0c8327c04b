import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, objectsNamed } from "../support/docker";
import { ReleaseLab } from "../support/releaseLab";
import { until } from "../support/until";

// What is released matters here, not the modules: the smallest Odoo will do.
const values = { modules: [], release: { watchMinutes: 1 } };

describe("the watch after a release", () => {
  let lab: ReleaseLab;
  beforeAll(async () => {
    lab = await ReleaseLab.open(values);
  });
  afterAll(() => lab.close());

  const inspect = (field: string) => docker("inspect", "--format", `{{.${field}}}`, `${lab.stack}-watch`);
  const state = () => inspect("State.Status");
  const status = async () => (await lab.project.cli(["status", lab.stack])).all;

  it("goes on when the release has ended, and tells of an error in the new version's log", async () => {
    expect(await state()).toBe("running");
    expect(await status()).toMatch(/release .*watched for [01] .*: no errors/);

    const model = await lab.odoo.call<number[]>("ir.model", "search", [[["model", "=", "res.partner"]]]);
    const broken = { name: "Broken", model_id: model[0], state: "code", code: "1 / 0" };
    const action = await lab.odoo.call<number>("ir.actions.server", "create", [broken]);
    await expect(lab.odoo.call("ir.actions.server", "run", [[action]])).rejects.toThrow(/division by zero/);
    const told = await until("status tells of it", 60, async () => {
      const text = await status();
      return /watched for .*: 1 error/.test(text) ? text : undefined;
    });
    expect(told).toContain(`npx odoo-stacks history -s ${lab.stack}`);

    await lab.crash(`${lab.stack}-watch`);
    await until("the watch goes on", 30, async () => (await inspect("RestartCount")) === "1");
  });

  it("ends by itself, and the history keeps what it has seen", async () => {
    await until("the watch has ended", 90, async () => (await state()) === "exited");
    expect(await inspect("HostConfig.RestartPolicy.Name")).toBe("no");
    const { watched } = await lab.lastRelease();
    expect(watched).toMatchObject({ errors: 1, failures: [expect.stringContaining("ZeroDivisionError")] });
    expect((await lab.must(["history"])).stdout).toMatch(
      /watched for 1 minute: 1 error\n[\s\S]*ERROR .*Exception during request handling[\s\S]*ZeroDivisionError/,
    );
    const { exitCode, all } = await lab.project.cli(["status", lab.stack]);
    expect(exitCode, all).toBe(0);
  });

  it("makes way for that of the next release, and what was seen before stays", async () => {
    lab.configure({ ...values, odoo: { workers: 2, cronThreads: 1, logLevel: "warn" } });
    await lab.mustUp();
    expect(await state()).toBe("running");
    const seen = await until("the first look", 30, async () => {
      const errors = (await lab.history()).map(({ watched }) => watched?.errors);
      return errors.at(-1) === undefined ? undefined : errors;
    });
    expect(seen).toEqual([1, 0]);
  });

  it("is gone with the environment", async () => {
    const result = await lab.project.cli(["destroy", lab.stack, "--yes"], { timeoutSeconds: 200 });
    expect(result.exitCode, result.all).toBe(0);
    expect(await objectsNamed(lab.stack)).toEqual([]);
  });
});
