import { describe, expect, it } from "vitest";
import { allEnded } from "../../../infra/core/allEnded";

describe("parts that go on at once", () => {
  it("are waited for, whatever becomes of one: then its failure is told", async () => {
    const ended: string[] = [];
    const slow = new Promise<void>((done) => setTimeout(done, 20)).then(() => void ended.push("slow"));
    await expect(
      allEnded([Promise.reject(new Error("first")), slow, Promise.reject(new Error("second"))]),
    ).rejects.toThrow("first");
    expect(ended).toEqual(["slow"]);
    await allEnded([slow]);
    await allEnded([]);
  });
});
