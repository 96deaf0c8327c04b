import { describe, expect, it } from "vitest";
import { advertised, rolesOf } from "../../../infra/config/machines";
import type { Platform } from "../../../infra/config/platformOutput";
import { webMachinesOf } from "../../../infra/config/webMachines";
import type { Problem } from "../../../infra/core/errors";
import { managerAmong, managerFirst } from "../../../infra/core/manager";
import { balancedPlatform, examplePlatform, splitPlatform } from "../../support/platform";
import { environmentProblems, platform, problemsOf, type Written } from "./given";

const db = { name: "db", address: "10.0.0.11", roles: ["database"] };
const web = { name: "web", address: "10.0.0.10", roles: ["production"] };
const secondWeb = { name: "web-2", address: "10.0.0.13", roles: ["production"] };
const test = { name: "test", address: "10.0.0.12", roles: ["nonproduction"] };

const servers = (machines: readonly Written[], topology = "split-database") =>
  platform({ target: "servers", topology, machines });
const problems = (machines: readonly Written[], topology?: string): readonly Problem[] =>
  problemsOf(() => servers(machines, topology));

const databaseExample = "{ name: db, address: 10.0.0.11, roles: [database] }";
const productionExample = "{ name: web-1, address: 10.0.0.12, roles: [production] }";

describe("the machines of a platform", () => {
  it.each([
    ["single-host", [{ name: "main", address: "203.0.113.10" }]],
    // What one machine carries, it carries alone.
    ["single-host", [db]],
    ["split-database", [db, web]],
    ["split-database", [db, web, test]],
    ["split-database", [db, web, test, { name: "front", address: "10.0.0.9", roles: ["proxy"] }]],
    ["split-database", [{ ...db, roles: ["database", "nonproduction"] }, web]],
    ["load-balanced-production", [db, web, secondWeb]],
    ["load-balanced-production", [db, { ...web, roles: ["production", "proxy"] }, secondWeb, test]],
    // Behind one address, each with a port of its own.
    [
      "split-database",
      [
        { ...db, privateAddress: "10.0.0.1" },
        { ...web, address: db.address, port: 2222 },
      ],
    ],
  ])("of %s may be %j", (topology, machines) => {
    expect(problems(machines, topology)).toEqual([]);
  });

  it.each([
    [[], "none"],
    [[db, web], "2"],
  ])("of single-host are one: not %j", (machines, found) => {
    expect(problems(machines, "single-host")).toEqual([
      {
        path: "machines",
        expected: "one machine, which topology single-host is on",
        found,
        hint: "machines: [{ name: main, address: 203.0.113.10 }]",
      },
    ]);
  });

  it("are listed for target servers alone", () => {
    expect(problemsOf(() => platform({ machines: [db, web] }))).toEqual([
      {
        path: "machines",
        expected: "nothing unless target is servers",
        found: '2 with target "local"',
        hint: "Write target: servers, or take machines out.",
      },
    ]);
  });

  it.each([
    ["split-database", [web], "1 of the role database", "none", databaseExample],
    ["split-database", [db], "1 of the role production", "none", productionExample],
    ["split-database", [db, web, secondWeb], "1 of the role production", "2", productionExample],
    ["split-database", [db, web, { ...test, roles: ["database"] }], "1 of the role database", "2", databaseExample],
    [
      ...["split-database", [db, web, test, { ...secondWeb, roles: ["nonproduction"] }]],
      ...["at most 1 of the role nonproduction", "2", undefined],
    ],
    [
      ...[
        "split-database",
        [
          { ...db, roles: ["database", "proxy"] },
          { ...web, roles: ["production", "proxy"] },
        ],
      ],
      ...["at most 1 of the role proxy", "2", undefined],
    ],
    ["load-balanced-production", [db, web], "at least 2 of the role production", "1", productionExample],
    ["load-balanced-production", [web, secondWeb], "1 of the role database", "none", databaseExample],
  ] as [string, Written[], string, string, string | undefined][])(
    "of %s can't be %j: there is to be %s",
    (topology, machines, expected, found, hint) => {
      expect(problems(machines, topology)).toEqual([
        { path: "machines[].roles", expected: `${expected} in topology ${topology}`, found, hint },
      ]);
    },
  );

  it("are all asked for what they carry, each by its place in the list", () => {
    expect(problems([db, web, { name: "test", address: "10.0.0.12" }])).toEqual([
      { path: "machines[2].roles", expected: "what the machine carries", found: "nothing", hint: "roles: [database]" },
    ]);
  });

  it.each([
    [["web"], "machines[1].roles[0]", "one of database, production, nonproduction, proxy", '"web"', undefined],
    [
      ...[["databse"], "machines[1].roles[0]", "one of database, production, nonproduction, proxy"],
      ...['"databse"', 'Did you mean "database"?'],
    ],
    [[], "machines[1].roles", "at least one role", "an empty list", undefined],
    ["database", "machines[1].roles", "a list of roles", '"database"', undefined],
  ] as [unknown, string, string, string, string | undefined][])(
    "can't carry %j",
    (roles, path, expected, found, hint) => {
      const all = problems([db, { ...web, roles }]);
      expect(all).toContainEqual({ path, expected, found, hint });
    },
  );

  it.each([
    [[db, { ...web, name: "db" }], "name", '"db"'],
    // Also where each is reached at a port of its own.
    [[db, { ...web, name: "db", port: 2222 }], "name", '"db"'],
    [[db, { ...web, address: db.address, privateAddress: "10.0.0.10" }], "address", '"10.0.0.11"'],
    [[db, { ...web, address: db.address }], "address", '"10.0.0.11"'],
    [[db, { ...web, address: db.address, port: 2222 }], "privateAddress", '"10.0.0.11"'],
    [[db, { ...web, privateAddress: db.address }], "privateAddress", '"10.0.0.11"'],
  ])("are told apart: not %j", (machines, key, found) => {
    expect(problems(machines)).toEqual([
      { path: `machines[1].${key}`, expected: "another one than any other machine's", found },
    ]);
  });

  it("find each other by an IP address", () => {
    expect(problems([db, { ...web, address: "web.example.com" }])).toEqual([
      {
        path: "machines[1].privateAddress",
        expected: "an IP address, because machines find each other by it",
        found: "nothing, and a host name as address",
        hint: "Name the address that other machines reach it at, such as 10.0.0.10.",
      },
    ]);
    expect(problems([db, { ...web, address: "web.example.com", privateAddress: "10.0.0.10" }])).toEqual([]);
    expect(advertised({ address: "web.example.com", privateAddress: "10.0.0.10" })).toBe("10.0.0.10");
    expect(advertised({ address: "10.0.0.11" })).toBe("10.0.0.11");
  });

  it("are counted where they answer production's requests", () => {
    expect(webMachinesOf(servers([db, web]))).toBe(1);
    expect(webMachinesOf(servers([db, web, secondWeb, test], "load-balanced-production"))).toBe(2);
    const written = { target: "servers", topology: "load-balanced-production", machines: [db, web, secondWeb] };
    expect(problemsOf(() => platform({ ...written, webMachines: 3 }))).toEqual([
      {
        path: "webMachines",
        expected: "nothing with target servers: the machines with the role production are counted",
        found: '3 with target "servers"',
        hint: "Take webMachines out.",
      },
    ]);
    expect(webMachinesOf(platform({ topology: "load-balanced-production", webMachines: 3 }))).toBe(3);
  });
});

describe("what a machine carries", () => {
  const roles = (machines: readonly Written[], topology?: string) => {
    const listed = servers(machines, topology).machines;
    return Object.fromEntries(listed.map((machine) => [machine.name, rolesOf(machine, listed)]));
  };

  it("is everything where it is alone, whatever is written", () => {
    const everything = ["database", "production", "nonproduction", "proxy"];
    expect(roles([{ name: "main", address: "203.0.113.10" }], "single-host")).toEqual({ main: everything });
    expect(roles([db], "single-host")).toEqual({ db: everything });
  });

  it("is what is written, and the proxy on the first with production", () => {
    expect(roles([db, web, test])).toEqual({
      ...{ db: ["database"], web: ["production", "proxy"], test: ["nonproduction"] },
    });
    expect(roles([db, web, secondWeb], "load-balanced-production")).toMatchObject({ "web-2": ["production"] });
  });

  it("is a proxy on every web machine behind a load balancer, and on the manager", () => {
    const front = { ...test, roles: ["nonproduction", "proxy"] };
    const listed = servers([db, web, secondWeb, front], "load-balanced-production").machines;
    expect(listed.map((machine) => rolesOf(machine, listed, true))).toEqual([
      ...[["database"], ["production", "proxy"], ["production", "proxy"], ["nonproduction", "proxy"]],
    ]);
  });

  it("is the proxy where that is written", () => {
    const front = { ...test, roles: ["nonproduction", "proxy"] };
    expect(roles([db, web, front])).toEqual({
      ...{ db: ["database"], web: ["production"], test: ["nonproduction", "proxy"] },
    });
  });
});

describe("the manager", () => {
  it.each([
    [[db, web, test], "web"],
    [[db, secondWeb, web], "web-2"],
    [[db, web, { ...test, roles: ["nonproduction", "proxy"] }], "test"],
    [[db, test], "db"],
    [[{ name: "main" }], "main"],
  ] as [{ name: string; roles?: string[] }[], string][])("among %j is %s, and comes first", (machines, name) => {
    expect(managerAmong(machines)?.name).toBe(name);
    const [first, ...others] = managerFirst(machines);
    expect(first?.name).toBe(name);
    // The others stay as they are listed.
    expect(others).toEqual(machines.filter((machine) => machine.name !== name));
  });

  it("is none where there are no machines", () => {
    const none: { roles?: string[] }[] = [];
    expect(managerAmong(none)).toBeUndefined();
    expect(managerFirst(none)).toEqual([]);
  });
});

describe("the folder that web machines have in common", () => {
  const on = (given: Platform, written: Written) => environmentProblems(written, given);
  const filestore = { path: "/mnt/odoo/prod" };

  it("is needed where there are several", () => {
    expect(on(balancedPlatform, {})).toEqual([
      {
        path: "filestore.path",
        expected: "a folder that web, web-2 have in common, such as a mounted NFS",
        found: "nothing",
        hint: "odoo-stacks:filestore: { path: /mnt/odoo/prod }",
      },
    ]);
    expect(on(balancedPlatform, { filestore })).toEqual([]);
  });

  it("may be there where there is one, and is not asked of other stages", () => {
    expect(on(splitPlatform, {})).toEqual([]);
    expect(on(splitPlatform, { filestore })).toEqual([]);
    expect(on(balancedPlatform, { stage: "staging" })).toEqual([]);
  });

  it("is of no use on this machine, which has all files in common with itself", () => {
    const production = { database: "local", web: ["local", "local"] };
    const local = { ...examplePlatform, placement: { ...examplePlatform.placement, production } };
    expect(on(local, {})).toEqual([]);
    expect(on(local, { filestore })).toEqual([
      {
        path: "filestore.path",
        expected: "nothing on target local: one machine has all files in common with itself",
        found: '"/mnt/odoo/prod"',
      },
    ]);
  });

  it.each(["mnt/odoo", "/mnt/../etc", "/mnt/a b", "/"])("is an absolute path: not %s", (path) => {
    expect(on(splitPlatform, { filestore: { path } })).toEqual([
      { path: "filestore.path", expected: "an absolute path", found: `"${path}"`, hint: undefined },
    ]);
  });
});

describe("what machines tell each other", () => {
  it("is encrypted or not as is written, and as the target has it where nothing is", () => {
    expect(platform({ network: { encrypted: false } }).network).toEqual({ encrypted: false });
    expect(platform().network.encrypted).toBeUndefined();
    expect(problemsOf(() => platform({ network: { encrypted: "yes" } }))).toMatchObject([
      { path: "network.encrypted", expected: "true or false", found: '"yes"' },
    ]);
  });
});
