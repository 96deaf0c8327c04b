import { afterEach, describe, expect, it, vi } from "vitest";

import { UserError } from "../../../infra/core/errors";
import { silent } from "../../../infra/core/report";
import { downloadEngine } from "../../../infra/engine/download";

afterEach(() => vi.unstubAllGlobals());

const download = () => downloadEngine("/nowhere", silent);

describe("the official download", () => {
  it("is given up after a few seconds where nobody answers", async () => {
    const unanswered = (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    vi.stubGlobal("fetch", unanswered);
    const started = Date.now();
    await expect(download()).rejects.toThrow(UserError);
    expect(Date.now() - started).toBeLessThan(8000);
  });

  it("is given up at once where there is no such host, and says so", async () => {
    const cause = new Error("getaddrinfo ENOTFOUND get.pulumi.com");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    await expect(download()).rejects.toThrow(/ENOTFOUND get\.pulumi\.com/);
  });

  it("is given up at once where something else answers", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("blocked", { status: 403 })));
    await expect(download()).rejects.toThrow(/HTTP status 403/);
  });
});
