import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences } from "../../../infra/commands/differences";
import { inheritedSettings, inheritSettings } from "../../../infra/config/inherit";
import { loadConfig } from "../../../infra/config/load";
import { leastEnvironment, raw, type Written } from "./given";

/** The configuration of a copy, back as it would be written. */
function inherit(own: Written, source: Written): Record<string, unknown> {
  const read = (text: string): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  };
  const merged = inheritSettings(raw(own), raw(source));
  return Object.fromEntries(Object.entries(merged).map(([key, text]) => [key, read(text)]));
}

const production: Written = {
  ...leastEnvironment,
  domains: ["odoo.example.com"],
  share: 60,
  odoo: {
    version: "19.0",
    workers: 6,
    cronThreads: 2,
    dbMaxconn: 32,
    memory: { web: "4 GB" },
    limits: { timeReal: "100 seconds", requests: 1000 },
    logLevel: "warn",
    options: { transient_age_limit: 2 },
  },
  database: { name: "acme", memory: "4 GB", maxConnections: 200, settings: { work_mem: "32MB" } },
  modules: ["sale_management"],
  addons: "modules",
  language: "fr_BE",
  country: "BE",
  demo: true,
  protectData: true,
  logs: { maxFiles: 9 },
  release: { keepSets: 4 },
};

describe("a copy", () => {
  it("takes over what decides how Odoo and PostgreSQL behave, and nothing of size, address or keeping", () => {
    expect(inherit({ domains: ["staging.localhost"] }, production)).toEqual({
      domains: ["staging.localhost"],
      odoo: {
        version: "19.0",
        limits: { timeReal: "100 seconds", requests: 1000 },
        logLevel: "warn",
        options: { transient_age_limit: 2 },
      },
      database: { settings: { work_mem: "32MB" } },
      modules: ["sale_management"],
      addons: "modules",
      language: "fr_BE",
      country: "BE",
    });
  });

  it("keeps what its own file says, key by key", () => {
    const own = {
      odoo: { workers: 2, dev: ["reload"], limits: { requests: 50 }, options: { csv_internal_sep: ";" } },
      database: { memory: "512 MB", settings: { work_mem: "4MB", jit: "off" } },
      modules: [],
      language: "en_US",
    };
    expect(inherit(own, production)).toMatchObject({
      odoo: {
        workers: 2,
        dev: ["reload"],
        limits: { timeReal: "100 seconds", requests: 50 },
        logLevel: "warn",
        options: { transient_age_limit: 2, csv_internal_sep: ";" },
      },
      database: { memory: "512 MB", settings: { work_mem: "4MB", jit: "off" } },
      modules: [],
      language: "en_US",
      country: "BE",
    });
  });

  it("takes over what its own file has with nothing under it", () => {
    const own = { odoo: { limits: null }, language: null };
    expect(inherit(own, production)).toMatchObject({ odoo: { limits: { requests: 1000 } }, language: "fr_BE" });
    expect(inherit({ odoo: null }, production)).toMatchObject({ odoo: { logLevel: "warn" } });
  });

  it("leaves what is wrong in its own file for the check", () => {
    expect(inherit({ odoo: "x", database: ["x"] }, production)).toMatchObject({ odoo: "x", database: ["x"] });
  });

  it("of a source with nothing of its own is what its file says", () => {
    expect(inherit({ stage: "staging", odoo: { workers: 2 } }, leastEnvironment)).toEqual({
      stage: "staging",
      odoo: { workers: 2 },
    });
  });

  it("of a copy takes over what that one took over", () => {
    const staging = inheritSettings(raw({ odoo: { logLevel: "info" } }), raw(production));
    const development = inheritSettings({}, inheritedSettings(staging));
    expect(JSON.parse(development.odoo ?? "")).toMatchObject({ logLevel: "info", limits: { requests: 1000 } });
  });

  it("is complete: what is exported can be checked as an environment's configuration", () => {
    const written = raw({ ...leastEnvironment, stage: "staging" });
    const config = loadConfig(inheritSettings(written, raw(production)), []);
    expect(config).toMatchObject({ stage: "staging", country: "BE", odoo: { limits: { requests: 1000 } } });
  });
});

describe("whatever is written", () => {
  const anyRaw = fc.dictionary(
    fc.constantFrom("odoo", "database", "modules", "language", "domains", "__proto__"),
    fc.oneof(fc.json(), fc.string()),
  );

  it("own values outside the groups stay, and what was taken over is taken over once", () => {
    fc.assert(
      fc.property(anyRaw, anyRaw, (own, source) => {
        const once = inheritSettings(own, source);
        for (const key of ["modules", "language", "domains"]) {
          if (own[key] !== undefined && own[key] !== "null") expect(once[key]).toBe(own[key]);
        }
        expect(inheritSettings(once, source)).toEqual(once);
      }),
    );
  });

  it("only what is meant for others is exported", () => {
    fc.assert(
      fc.property(anyRaw, (source) => {
        const exported = Object.keys(inheritedSettings(source));
        expect(["odoo", "database", "modules", "language"]).toEqual(expect.arrayContaining(exported));
      }),
    );
  });
});

it("every difference has a reason", () => {
  expect(differences().length).toBeGreaterThan(5);
  for (const { what, why } of differences()) {
    expect(what).toMatch(/^\w/);
    expect(why).toMatch(/\.$/);
  }
});
