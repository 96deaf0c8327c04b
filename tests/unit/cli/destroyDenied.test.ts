import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { destroyStacks } from "../../../infra/cli/destroy";
import type { StackFile } from "../../../infra/cli/stacks";

const project = mkdtempSync(join(tmpdir(), "odoo-stacks-destroy-"));
mkdirSync(join(project, "stacks"));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What the engine's `destroy` ends with, and whether the stack was removed after it. */
const engine = vi.hoisted(() => ({ failure: new Error(), removed: false }));

// Everything around the engine is another test's: no machines, no Docker, no engine.
vi.mock("../../../infra/cli/workspace", async (original) => ({
  ...(await original<object>()),
  prepareWorkspace: () => Promise.resolve({ project, engine: { pulumi: "pulumi" }, env: {} }),
  openStack: () =>
    Promise.resolve({
      destroy: () => Promise.reject(engine.failure),
      workspace: { removeStack: () => Promise.resolve(void (engine.removed = true)) },
    }),
}));
vi.mock("../../../infra/cli/machines", () => ({ useMachines: () => Promise.resolve({ away: [] }) }));
vi.mock("../../../infra/cli/orphans", () => ({ removeOrphans: () => Promise.resolve() }));
vi.mock("../../../infra/core/exec", async (original) => ({ ...(await original<object>()), run: () => "" }));

const stack = {
  name: "acme-platform",
  file: join(project, "Pulumi.acme-platform.yaml"),
  kind: "platform",
} as StackFile;
const user = "arn:aws:iam::123456789012:user/odoo";

/** What `destroy` ends with when the engine ends with this. */
const destroyed = (said: string) => {
  engine.failure = new Error(said);
  return destroyStacks([stack], { json: true });
};

describe("a stack that AWS does not let be destroyed", () => {
  it("stays, and it is told which permission is missing, and who is without it", async () => {
    const said =
      "error: deleting SNS Topic (arn:aws:sns:::alarms): operation error SNS: DeleteTopic, https response error StatusCode: 403, " +
      `RequestID: 1f, api error AccessDenied: User: ${user} is not authorized to perform: sns:DeleteTopic on resource: alarms`;
    const failure = destroyed(said);
    await expect(failure).rejects.toThrow(said);
    await expect(failure).rejects.toThrow(
      `\nAWS does not allow what this stack needs:\n  sns:DeleteTopic\n    expected: a permission of ${user}\n`,
    );
    expect(engine.removed).toBe(false);
  });

  it("is left to what the engine says where it was something else", async () => {
    const said = "error: deleting SNS Topic: operation error SNS: DeleteTopic, api error Throttling: slow down";
    await expect(destroyed(said)).rejects.toSatisfy((error) => (error as Error).message === said);
  });
});
