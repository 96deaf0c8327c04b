import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicDomain, usesTls } from "../../../infra/config/domains";
import { isHostName } from "../../../infra/config/keys";
import { environment, environmentProblems, machineOf } from "./given";

describe("host names", () => {
  it.each([
    "odoo.localhost",
    "localhost",
    "a.b-c.example",
    "xn--bcher-kva.example",
    "1.example.com",
    `${"a".repeat(63)}.example`,
  ])("%s is one", (name) => {
    expect(isHostName(name)).toBe(true);
  });

  it.each([
    "",
    "-a.example",
    "a-.example",
    "a..b",
    "a.example.",
    "a_b.example",
    "A.example",
    "127.0.0.1",
    "a b",
    "a\n",
    "*.example",
    `${"a".repeat(64)}.example`,
  ])("%j is none", (name) => {
    expect(isHostName(name)).toBe(false);
  });

  it("have 253 characters at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 }), (labels) => {
        const name = Array.from({ length: labels }, () => "a").join(".");
        expect(isHostName(name)).toBe(name.length <= 253);
      }),
    );
  });
});

describe("certificates", () => {
  it.each(["odoo.example.com", "shop.odoo.be"])("are for public domains: %s", (domain) => {
    expect(isPublicDomain(domain)).toBe(true);
    expect(usesTls(environment({ domains: [domain] }), {})).toBe(true);
    expect(usesTls(environment({ domains: [domain], tls: { enabled: false } }), {})).toBe(false);
  });

  it.each(["localhost", "odoo.localhost", "erp", "odoo.local", "odoo.test", "a.home.arpa", "odoo.internal"])(
    "are not for local ones: %s",
    (domain) => {
      expect(isPublicDomain(domain)).toBe(false);
      expect(usesTls(environment({ domains: [domain] }), {})).toBe(false);
      expect(environmentProblems({ domains: [domain], tls: { enabled: true } })).toEqual([
        expect.objectContaining({ path: "tls.enabled", found: `"${domain}"` }),
      ]);
    },
  );

  it("need a decision where some domains are public and some local", () => {
    const domains = ["odoo.example.com", "odoo.localhost"];
    expect(environmentProblems({ domains })).toEqual([
      expect.objectContaining({ path: "tls.enabled", found: '"odoo.localhost"' }),
    ]);
    expect(environmentProblems({ domains, tls: { enabled: false } })).toEqual([]);
  });

  it("need a proxy that the world can reach", () => {
    const on = machineOf(4, "16 GB");
    const domains = ["odoo.example.com"];
    expect(environmentProblems({ domains }, on)).toEqual([
      expect.objectContaining({ path: "tls.enabled", found: "a platform that listens on 127.0.0.1" }),
    ]);
    expect(environmentProblems({ domains, tls: { enabled: false } }, on)).toEqual([]);
    expect(environmentProblems({ domains }, { ...on, proxy: { ...on.proxy, bind: "0.0.0.0" } })).toEqual([]);
  });
});

describe("limits", () => {
  it.each([
    ["2 GB", "2 GB", 1],
    ["2 GB", "1 GB", 1],
    ["2 GB", "2.1 GB", 0],
  ])("of memory: soft %s and hard %s make %d problems", (memorySoft, memoryHard, count) => {
    const problems = environmentProblems({ odoo: { limits: { memorySoft, memoryHard } } });
    expect(problems.map((problem) => problem.path)).toEqual(Array(count).fill("odoo.limits.memoryHard"));
  });

  it.each([
    ["149 seconds", 0],
    ["150 seconds", 1],
    ["1 hour", 1],
  ])("of time: %s against the proxy's 150 seconds makes %d problems", (timeReal, count) => {
    const problems = environmentProblems({ odoo: { limits: { timeReal } } }, machineOf(4, "16 GB"));
    expect(problems.map((problem) => problem.path)).toEqual(Array(count).fill("odoo.limits.timeReal"));
  });
});

it("nothing is listed twice", () => {
  expect(
    environmentProblems({ domains: ["a.localhost", "b.localhost", "a.localhost"], modules: ["sale", "sale", "sale"] }),
  ).toEqual([
    { path: "domains", expected: "each only once", found: '"a.localhost" more than once' },
    { path: "modules", expected: "each only once", found: '"sale" more than once' },
  ]);
});
