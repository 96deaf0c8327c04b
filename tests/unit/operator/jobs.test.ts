import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silent } from "../../../infra/core/report";
import { startProcess } from "../../../infra/operator/jobProcess";
import { loadOrder } from "../../../infra/operator/moduleJob";
import { curlConfig } from "../../../infra/operator/warm";
import { module } from "./moduleExamples";

const node = (source: string) => [process.execPath, "-e", source];

describe("a program that is told what to do", () => {
  it("answers, waits, and goes on at the next word", async () => {
    const echo = `
      require("readline").createInterface({ input: process.stdin })
        .on("line", (line) => { console.error("heard " + JSON.parse(line)); console.log("ready"); console.log("more"); })
        .on("close", () => process.exit(3));`;
    const seen: string[] = [];
    const job = await startProcess(node(echo), (line) => seen.push(line));
    job.write("one");
    expect(await job.firstLine).toBe("ready");
    job.write("two", true);
    expect(await job.exitCode).toBe(3);
    expect(job.log).toEqual(["heard one", "heard two"]);
    expect(seen).toEqual(job.log);
  });

  it.each([
    ["that ends without a word", node("process.exit(7)"), 7],
    ["that does not exist", ["/no/such/program"], 127],
  ])("%s is no failure of ours", async (_, argv, exitCode) => {
    const job = await startProcess(argv, silent);
    job.write({ much: "x".repeat(200_000) });
    expect(await job.firstLine).toBeUndefined();
    expect(await job.exitCode).toBe(exitCode);
  });
});

describe("the order in which modules are loaded", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const images = fc
    .tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
    .map((depends) => new Map(names.map((name, index) => [name, module("1", { depends: depends[index] ?? [] })])));

  it("has each after those it depends on, and all of these", () => {
    fc.assert(
      fc.property(images, fc.subarray(names), (inImage, wanted) => {
        const order = loadOrder(wanted, inImage);
        expect(order).toEqual(expect.arrayContaining(wanted));
        expect(new Set(order).size).toBe(order.length);
        for (const [index, name] of order.entries()) {
          for (const needed of inImage.get(name)?.depends ?? []) expect(order.slice(0, index)).toContain(needed);
        }
      }),
    );
  });

  it("leaves out what the image does not have, and does not mind a circle", () => {
    const circle = new Map([
      ["a", module("1", { depends: ["b"] })],
      ["b", module("1", { depends: ["a", "gone"] })],
    ]);
    expect(loadOrder(["a", "uploaded"], circle)).toEqual(["b", "a"]);
  });
});

describe("what curl is told", () => {
  it("is a request for each address, with nothing of an answer printed but its end", () => {
    const config = curlConfig(["http://127.0.0.1:8069/a", 'http://127.0.0.1:8069/"b'], "shop.example.com", 2, 29.5);
    const lines = config.split("\n");
    expect(lines.filter((text) => text.startsWith("output"))).toHaveLength(2);
    expect(lines).toContain(String.raw`url = "http://127.0.0.1:8069/\"b"`);
    expect(lines).toContain('header = "Host: shop.example.com"');
    expect(lines).toContain("max-time = 30");
    expect(lines).toContain("parallel-max = 2");
  });
});
