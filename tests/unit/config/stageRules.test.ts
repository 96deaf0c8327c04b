import { describe, expect, it } from "vitest";
import { catchesMail, mailDomain, mailUsesTls } from "../../../infra/config/mail";
import { loadConfig } from "../../../infra/config/load";
import type { Problem } from "../../../infra/core/errors";
import { environment, environmentProblems, leastEnvironment, machineOf, problemsOf, raw } from "./given";

const paths = (problems: readonly Problem[]) => problems.map(({ path }) => path);
const staging = { stage: "staging" };
const development = { stage: "development" };

describe("a copy of another environment", () => {
  it("gets every default", () => {
    expect(environment({ ...staging, restore: { source: "prod" } }).restore).toEqual({
      source: "prod",
      snapshot: "latest",
      method: "auto",
      testers: [],
      keepFormer: 0,
      obfuscate: { add: {}, keep: [] },
    });
    expect(environment(staging).restore).toBeUndefined();
  });

  it("keeps all that is written", () => {
    const restore = {
      source: "prod",
      snapshot: "20261123-191500-1a2b3c",
      refresh: "2026-05-03",
      method: "basebackup",
      testers: ["anna@example.com", "bert"],
      keepFormer: 2,
      obfuscate: {
        add: { "res_partner.x_passport": "text" },
        keep: ["res_partner.website"],
        attachments: ["sale.order"],
      },
    };
    expect(environment({ ...development, restore }).restore).toEqual(restore);
  });

  it("is never production", () => {
    expect(environmentProblems({ restore: { source: "staging" } })).toEqual([
      {
        path: "restore",
        expected: "nothing where stage is production: a copy takes the place of all data that is there",
        found: "restore from staging",
        hint: "Take restore out, or set stage: staging if this is no production environment.",
      },
    ]);
  });

  it("is never of itself", () => {
    const written = raw({ ...leastEnvironment, ...staging, restore: { source: "acme" } });
    expect(problemsOf(() => loadConfig(written, [], undefined, "other"))).toEqual([]);
    expect(problemsOf(() => loadConfig(written, [], undefined, "acme"))).toEqual([
      { path: "restore.source", expected: "another environment", found: '"acme", this environment itself' },
    ]);
  });

  it("has no demonstration data of its own", () => {
    expect(paths(environmentProblems({ ...staging, demo: true, restore: { source: "prod" } }))).toEqual(["demo"]);
  });

  it.each([
    [{ testers: ["anna"] }, "restore.source", "the name of an environment's stack"],
    [{ source: "a b" }, "restore.source", "the name of an environment's stack"],
    [
      { source: "prod", snapshot: "yesterday" },
      "restore.snapshot",
      "latest, automated, a snapshot's ID, or a time with its zone",
    ],
    [
      { source: "prod", snapshot: "2026-11-23T19:15:00" },
      "restore.snapshot",
      "latest, automated, a snapshot's ID, or a time with its zone",
    ],
    [
      { source: "prod", snapshot: "2026-13-23T19:15:00Z" },
      "restore.snapshot",
      "latest, automated, a snapshot's ID, or a time with its zone",
    ],
    [{ source: "prod", refresh: "" }, "restore.refresh", "a text of 1 to 100 characters"],
    [{ source: "prod", method: "dump" }, "restore.method", "one of auto, reflink, copy, basebackup"],
    [{ source: "prod", testers: ["an na"] }, "restore.testers[0]", "a login"],
    [{ source: "prod", keepFormer: 11 }, "restore.keepFormer", "a whole number from 0 to 10"],
    [
      { source: "prod", obfuscate: { keep: ["partner"] } },
      "restore.obfuscate.keep[0]",
      "a table and a column such as res_partner.comment",
    ],
    [
      { source: "prod", obfuscate: { add: ["a.b"] } },
      "restore.obfuscate.add",
      "fields such as res_partner.comment, each with a kind",
    ],
    [
      { source: "prod", obfuscate: { add: { a: "text" } } },
      "restore.obfuscate.add",
      'a table and a column such as res_partner.comment for "a"',
    ],
    [
      { source: "prod", obfuscate: { attachments: ["Sale"] } },
      "restore.obfuscate.attachments[0]",
      "a model such as hr.employee",
    ],
  ])("%j is refused at %s", (restore, path, expected) => {
    expect(environmentProblems({ ...staging, restore })).toEqual([expect.objectContaining({ path, expected })]);
  });

  it.each([
    [{ refresh: 3 }, 'Write "3", with quotes.'],
    [{ snapshot: "now" }, 'Write a time as "2026-11-23T19:15:00Z", with quotes.'],
    [{ obfuscate: { add: { "a.b": "adress" } } }, undefined],
    [{ obfuscate: { add: { "a.b": "e-mail" } } }, 'Did you mean "email"?'],
  ])("%j has the hint %j", (more, hint) => {
    const [problem] = environmentProblems({ ...staging, restore: { source: "prod", ...more } });
    expect(problem).toMatchObject({ hint });
  });

  it("can't keep and replace the same field", () => {
    const obfuscate = { add: { "a.b": "text" }, keep: ["a.b", "a.c"] };
    expect(environmentProblems({ ...staging, restore: { source: "prod", obfuscate } })).toEqual([
      expect.objectContaining({ path: "restore.obfuscate.keep", found: '"a.b" in both' }),
    ]);
  });
});

describe("development", () => {
  const written = { odoo: { dev: ["reload", "xml"] }, mount: "../modules", expiresAfter: "14 days" };

  it("may run from files that change, and expire", () => {
    expect(environment({ ...development, ...written })).toMatchObject(written);
    expect(environmentProblems({ ...development, ...written }, { ...machineOf(4, "16 GB"), target: "local" })).toEqual(
      [],
    );
  });

  it.each(["production", "staging"])("is the only stage that may: not %s", (stage) => {
    expect(paths(environmentProblems({ ...written, stage }))).toEqual(["odoo.dev", "mount", "expiresAfter"]);
  });

  it("mounts a folder of this machine on this machine alone", () => {
    const on = { ...machineOf(4, "16 GB"), target: "servers" as const };
    expect(environmentProblems({ ...development, ...written }, on)).toEqual([
      expect.objectContaining({ path: "mount", found: '"../modules" on target servers' }),
    ]);
  });

  it.each([
    [{ odoo: { dev: ["relaod"] } }, "odoo.dev[0]", 'Did you mean "reload"?'],
    [{ odoo: { dev: "reload" } }, "odoo.dev", undefined],
    [{ mount: "~/modules" }, "mount", undefined],
    [{ expiresAfter: "2w" }, "expiresAfter", undefined],
    [{ expiresAfter: "14d" }, "expiresAfter", 'Write "14 days".'],
  ])("%j is refused at %s", (more, path, hint) => {
    expect(environmentProblems({ ...development, ...more })).toEqual([expect.objectContaining({ path, hint })]);
  });
});

describe("mails", () => {
  it.each([
    ["production", {}, false],
    ["staging", {}, true],
    ["development", {}, true],
    ["production", { catcher: true }, true],
    ["staging", { catcher: false }, false],
  ])("in %s with %j are caught: %s", (stage, mail, caught) => {
    expect(catchesMail(environment({ stage, mail }))).toBe(caught);
  });

  it.each([
    [{ ...staging, domains: ["staging.localhost", "b.localhost"] }, "mail.staging.localhost"],
    [{ ...staging, domains: ["staging.example.com"] }, undefined],
    [{ ...staging, domains: ["staging.example.com"], mail: { domain: "m.example.com" } }, "m.example.com"],
    [{ ...staging, mail: { catcher: false } }, undefined],
    [{}, undefined],
  ])("of %j are shown on %s", (written, domain) => {
    expect(mailDomain(environment(written))).toBe(domain);
  });

  it("are shown with a certificate where the environment has one, on a proxy that the world can reach", () => {
    const written = { ...staging, mail: { domain: "m.example.com" } };
    expect(mailUsesTls(environment(written), {})).toBe(true);
    expect(mailUsesTls(environment({ ...written, tls: { enabled: false } }), {})).toBe(false);
    expect(mailUsesTls(environment(staging), {})).toBe(false);
    expect(paths(environmentProblems(written, machineOf(4, "16 GB")))).toEqual(["tls.enabled"]);
  });

  it.each([
    [{ ...staging, mail: { catcher: false, domain: "m.localhost" } }, "m.localhost"],
    [{ mail: { domain: "m.localhost" } }, "m.localhost"],
    [{ ...staging, domains: ["a.localhost", "mail.a.localhost"] }, "mail.a.localhost"],
    [
      { ...staging, domains: ["a.example.com"], tls: { enabled: true }, mail: { domain: "m.localhost" } },
      "m.localhost",
    ],
  ])("can't be shown where %j says so", (written, domain) => {
    expect(environmentProblems(written)).toEqual([
      expect.objectContaining({ path: "mail.domain", found: `"${domain}"` }),
    ]);
  });
});
