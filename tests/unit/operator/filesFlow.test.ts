import { describe, expect, it } from "vitest";
import { FlowFailed, pass } from "../../../infra/operator/files/flow";

const sh = (script: string) => ["sh", "-c", script];
const run = (from: string, to: string) => pass(sh(from), sh(to), [], () => undefined);

describe("two programs, the second of which reads what the first prints", () => {
  it("end well when the second has all before the first has ended", async () => {
    await run("printf all; sleep 1", "head --bytes 3 >/dev/null");
  });

  it("end together when the second one fails", async () => {
    const began = performance.now();
    await expect(run("printf some; exec sleep 60", "exit 3")).rejects.toThrow(FlowFailed);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it("fail when the first one does", async () => {
    await expect(run("printf some; echo broken >&2; exit 4", "cat >/dev/null")).rejects.toThrow(
      /exit code 4[^]*broken/,
    );
  });
});
