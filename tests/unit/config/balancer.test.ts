import { describe, expect, it } from "vitest";
import { usesTls } from "../../../infra/config/domains";
import { mailUsesTls } from "../../../infra/config/mail";
import { environment, environmentProblems, machineOf, platform, problemsOf, type Written } from "./given";

const machines = [
  { name: "db", address: "10.0.0.11", roles: ["database"] },
  { name: "web", address: "10.0.0.10", roles: ["production"] },
  { name: "web-2", address: "10.0.0.13", roles: ["production"] },
];
const balanced = { target: "servers", topology: "load-balanced-production", machines };
const problems = (written: Written) => problemsOf(() => platform(written));

describe("a load balancer of the user's own", () => {
  it.each(["https", "http"])("may stand in front of several web machines, opened by %s", (balancer) => {
    expect(platform({ ...balanced, proxy: { balancer, bind: "0.0.0.0" } }).proxy.balancer).toBe(balancer);
    expect(platform().proxy.balancer).toBeUndefined();
  });

  it("has nothing to balance in other topologies", () => {
    expect(problems({ proxy: { balancer: "https" } })).toEqual([
      {
        path: "proxy.balancer",
        expected: "nothing unless topology is load-balanced-production",
        found: '"https" with topology "single-host"',
        hint: "Take it out: there is one web machine, and people come to its proxy.",
      },
    ]);
  });

  it("can't be tried on one machine, whose ports can be published once", () => {
    const proxy = { balancer: "https", bind: "0.0.0.0" };
    expect(problems({ topology: "load-balanced-production", proxy })).toEqual([
      expect.objectContaining({
        path: "proxy.balancer",
        expected: "nothing on target local: one Docker Engine can't publish a port for several proxies",
        hint: "A balancer stands in front of machines of your own: target: servers.",
      }),
    ]);
  });

  it.each([undefined, "127.0.0.1", "10.0.0.10"])(
    "reaches no proxy but those that every machine publishes: %s",
    (bind) => {
      expect(problems({ ...balanced, proxy: { balancer: "https", bind } })).toEqual([
        expect.objectContaining({ path: "proxy.bind", found: `"${bind ?? "127.0.0.1"}"` }),
      ]);
    },
  );
});

describe("an environment behind it", () => {
  const { machines: listed, shares, proxy } = machineOf(4, "16 GB");
  const on = { machines: listed, shares, proxy: { ...proxy, balancer: "https" as const, bind: "0.0.0.0" } };
  const domains = ["odoo.example.com"];

  it("gets no certificates, which the balancer has", () => {
    const config = environment({ domains, stage: "staging", mail: { domain: "m.example.com" } });
    expect(usesTls(config, on.proxy)).toBe(false);
    expect(mailUsesTls(config, on.proxy)).toBe(false);
    expect(environmentProblems({ domains }, on)).toEqual([]);
    expect(environmentProblems({ domains, tls: { enabled: false } }, on)).toEqual([]);
  });

  it("is opened by the names that a balancer of the platform's own has a certificate for", () => {
    const limits = { domains: ["odoo.example.com", "*.staging.example.com"], maxHoldSeconds: 60 };
    const made = { ...on, proxy: { ...on.proxy, limits } };
    const found = (written: Written) => environmentProblems(written, made);
    expect(found({ domains: ["odoo.example.com", "acme.staging.example.com"] })).toEqual([]);
    expect(found({ domains: ["a.b.staging.example.com"] })).toEqual([
      {
        path: "domains",
        expected: "names that the load balancer has a certificate for: odoo.example.com, *.staging.example.com",
        found: '"a.b.staging.example.com"',
        hint: "Add it to aws.dns.domains in the platform's stack, and bring that up first.",
      },
    ]);
    expect(found({ domains, release: { maxHold: "60 seconds" } })).toEqual([]);
    expect(found({ domains, release: { maxHold: "61 seconds" } })).toEqual([
      expect.objectContaining({ path: "release.maxHold", expected: expect.stringContaining("60 seconds") as string }),
    ]);
  });

  it("is told where it asks for some all the same", () => {
    expect(environmentProblems({ domains, tls: { enabled: true } }, on)).toEqual([
      {
        path: "tls.enabled",
        expected: "nothing, or false: the load balancer in front of the platform's proxies has the certificates",
        found: "true on a platform with proxy.balancer: https",
        hint: "Take it out here, or proxy.balancer in the platform's stack.",
      },
    ]);
  });
});
