import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeAt } from "../../../infra/config/keyTree";
import { loadConfig } from "../../../infra/config/load";
import { schemas, type Kind } from "../../../infra/config/schema";
import { UserError } from "../../../infra/core/errors";
import { environment, environmentProblems, leastEnvironment, machineOf, platform, problemsOf, raw } from "./given";

const kinds = Object.keys(schemas) as Kind[];

describe("a stack's configuration", () => {
  it("of a platform gets every default", () => {
    expect(platform()).toEqual({
      kind: "platform",
      topology: "single-host",
      target: "local",
      machines: [],
      network: {},
      proxy: {
        bind: "127.0.0.1",
        httpPort: 8080,
        httpsPort: 8443,
        responseTimeout: "150 seconds",
        maxBodySize: "512 MB",
        logs: { maxSize: "10 MB", maxFiles: 5 },
      },
      machine: {},
      shares: { production: 60, staging: 25, development: 15 },
    });
  });

  it("of an environment gets every default", () => {
    expect(environment()).toEqual({
      ...leastEnvironment,
      tls: { staging: false },
      odoo: {
        version: "19.0",
        limits: {
          memorySoft: "2 GB",
          memoryHard: "2.5 GB",
          timeCpu: "60 seconds",
          timeReal: "120 seconds",
          timeRealCron: "15 minutes",
          requests: 65_536,
        },
        memory: {},
        logLevel: "info",
        dev: [],
        stopGrace: "2 minutes",
        options: {},
      },
      database: { kind: "container", name: "odoo", settings: {}, stopGrace: "2 minutes" },
      filestore: {},
      modules: [],
      addons: "addons",
      language: "en_US",
      demo: false,
      admin: { login: "admin" },
      mail: {},
      release: {
        upgrade: "auto",
        uninstall: [],
        maxHold: "30 seconds",
        upgradeTimeout: "1 hour",
        snapshot: "auto",
        rehearse: "auto",
        watchMinutes: 10,
        keepSets: 2,
        soak: "7 days",
        allowLogLines: [],
      },
      restart: {},
      protectData: true,
      logs: { maxSize: "10 MB", maxFiles: 5 },
    });
  });

  it("keeps what is written beside the defaults", () => {
    const config = environment({
      odoo: { workers: 3, limits: { timeReal: "100 seconds" } },
      share: 40,
      protectData: false,
    });
    expect(config.odoo.workers).toBe(3);
    expect(config.odoo.limits).toMatchObject({ timeReal: "100 seconds", timeCpu: "60 seconds" });
    expect(config.share).toBe(40);
    expect(config.protectData).toBe(false);
  });

  it("takes a group or key with nothing under it as not written", () => {
    expect(environment({ odoo: null, database: { memory: null } })).toEqual(environment());
  });

  it("takes a name of digits as a name", () => {
    expect(environment({ platform: "2026" }).platform).toBe("2026");
  });
});

describe("every problem", () => {
  it("is in one error, with path, expected, found and hint", () => {
    const problems = environmentProblems({
      stage: "prod",
      domains: ["odoo.localhost", "Odoo.Example.com"],
      odoo: { workrs: 3, limits: { memorySoft: "2GB" } },
      protectData: "yes",
    });
    expect(problems).toEqual([
      {
        path: "stage",
        expected: "one of production, staging, development",
        found: '"prod"',
        hint: 'Did you mean "production"?',
      },
      {
        path: "domains[1]",
        expected: "a host name in lower case, without scheme, port or path",
        found: '"Odoo.Example.com"',
        hint: 'Write "odoo.example.com".',
      },
      {
        path: "odoo.limits.memorySoft",
        expected: 'a size such as "2 GB", at least "256 MB"',
        found: '"2GB"',
        hint: 'Write "2 GB".',
      },
      {
        path: "odoo.workrs",
        expected: expect.stringContaining("a key of odoo: version, workers, ") as string,
        found: 'the unknown key "workrs"',
        hint: 'Did you mean "odoo.workers"?',
      },
      { path: "protectData", expected: "true or false", found: '"yes"', hint: undefined },
    ]);
  });

  it("of the machine and the proxy is in it too, beside those of single keys", () => {
    const paths = environmentProblems(
      { language: "english", odoo: { workers: 100, limits: { timeReal: "10 minutes" } } },
      machineOf(2, "8 GB"),
    ).map((problem) => problem.path);
    expect(paths).toEqual(["language", "odoo.limits.timeReal", "odoo.workers", "odoo.workers"]);
  });

  it.each([
    ["enviroment", "environment"],
    ["Platform", "platform"],
  ])("of kind %s suggests %s and checks the rest as that", (kind, meant) => {
    const problems = problemsOf(() => loadConfig(raw({ kind, platfrm: "a" }), []));
    expect(problems[0]).toMatchObject({ path: "kind", hint: `Did you mean "${meant}"?` });
    expect(problems.map((problem) => problem.path)).toContain("platfrm");
  });

  it("of a missing kind checks the rest as the kind that most keys belong to", () => {
    const problems = problemsOf(() => loadConfig({ proxy: '{"prt": 1}', target: "local" }, []));
    expect(problems.map((problem) => problem.path)).toEqual(["kind", "proxy.prt"]);
  });

  it("says of a later kind that it comes later", () => {
    const [problem] = problemsOf(() => loadConfig({ kind: "dr" }, []));
    expect(problem?.found).toBe('"dr", which comes with a later version');
  });

  it.each([
    [{ odoo: { version: 19 } }, "odoo.version", 'Write "19.0", with quotes.'],
    [{ odoo: { workers: "4" } }, "odoo.workers", "Write the number without quotes."],
    [{ odoo: { limits: { timeReal: "5min" } } }, "odoo.limits.timeReal", 'Write "5 minutes".'],
    [{ domains: ["https://odoo.example.com/web"] }, "domains[0]", 'Write "odoo.example.com".'],
    [{ workers: 4 }, "workers", 'Did you mean "odoo.workers"?'],
  ])("of %j has the hint %#", (written, path, hint) => {
    expect(environmentProblems(written)).toEqual([expect.objectContaining({ path, hint })]);
  });

  it.each([
    ["odoo", "x", "a group of keys"],
    ["domains", "odoo.localhost", "a list of host names"],
    ["domains", [], "at least one host name"],
    ["modules", ["sale management"], "a module's technical name such as sale_management"],
    ["addons", "/opt/addons", "a folder inside the project, as a relative path"],
    ["addons", "a/../../b", "a folder inside the project, as a relative path"],
    ["language", "english", "a language code such as en_US or fr_BE"],
    ["country", "be", "an ISO 3166 country code of two capitals such as BE"],
    ["share", 0, "a whole number from 1 to 100"],
    ["share", 12.5, "a whole number from 1 to 100"],
    ["database", { name: "postgres" }, "a database name of small letters, digits, _ and -"],
    ["database", { volume: "a b" }, "a name of a Docker volume"],
    ["database", { settings: [] }, "settings, each with its value"],
    ["database", { memory: "1 MB" }, 'a size such as "2 GB", at least "192 MB"'],
    ["admin", { email: "admin" }, "an e-mail address"],
    ["admin", { login: "ad min" }, "a login of letters, digits and . _ + - @"],
    ["platform", "a b", "the name of a platform's stack"],
  ])("of %s: %j is told", (key, value, expected) => {
    expect(environmentProblems({ [key]: value })).toEqual([expect.objectContaining({ expected })]);
  });

  it.each([
    ["proxy", { httpPort: 0 }, "a whole number from 1 to 65535"],
    ["proxy", { httpPort: 65_536 }, "a whole number from 1 to 65535"],
    ["proxy", { httpPort: 8443 }, "another port than proxy.httpPort"],
    ["proxy", { bind: "localhost" }, "an IP address of this machine"],
    ["shares", { production: 90 }, "100 percent at most in all"],
    ["topology", "single", "one of single-host, split-database, load-balanced-production"],
    ["target", "gcp", "one of local, servers, aws"],
    ["target", "aws", "what the platform is made of"],
    ["target", "servers", "one machine, which topology single-host is on"],
    ["machines", [{ name: "main", address: "203.0.113.10" }], "nothing unless target is servers"],
    ["machines", "main", "a list of machines"],
    ["machines", [{ name: "Main", address: "203.0.113.10" }], "a name in lower case such as web-1"],
    ["machines", [{ name: "main", address: "203.0.113" }], "a host name or an IP address"],
    ["machines", [{ name: "main", address: "203.0.113.10", dataDisk: "vdb" }], "a disk such as /dev/vdb"],
    ["webMachines", 1, "a whole number from 2 to 16"],
    ["webMachines", 2, "nothing unless topology is load-balanced-production"],
  ])("of a platform's %s: %j is told", (key, value, expected) => {
    expect(problemsOf(() => platform({ [key]: value }))).toEqual([expect.objectContaining({ expected })]);
  });
});

describe("whatever is written", () => {
  it("ends in a configuration or in a UserError with a problem", () => {
    const key = fc.constantFrom(
      "kind",
      ...kinds.flatMap((kind) => Object.keys(shapeAt(schemas[kind], []) ?? {})),
      "__proto__",
      "x",
    );
    const text = fc.oneof(fc.json(), fc.string(), fc.constantFrom(...kinds));
    fc.assert(
      fc.property(fc.dictionary(key, text), fc.boolean(), (values, withMachine) => {
        try {
          expect(kinds).toContain(loadConfig(values, [], withMachine ? machineOf(2, "8 GB") : undefined).kind);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect((error as UserError).problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
