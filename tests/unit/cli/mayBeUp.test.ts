import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { mayBeUp } from "../../../infra/cli/checkpoint";

const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-state-"));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it("a stack without state has not been brought up, and of one in another backend nobody knows", () => {
  vi.stubEnv("PULUMI_BACKEND_URL", `file://${folder}`);
  expect(mayBeUp(folder, "platform")).toBe(false);
  mkdirSync(join(folder, ".pulumi/stacks/odoo-stacks"), { recursive: true });
  writeFileSync(join(folder, ".pulumi/stacks/odoo-stacks/platform.json"), "{}");
  expect(mayBeUp(folder, "platform")).toBe(true);
  vi.stubEnv("PULUMI_BACKEND_URL", "https://api.pulumi.com");
  expect(mayBeUp(folder, "other")).toBe(true);
});
