import { describe, expect, it } from "vitest";
import { rdsClasses, usableMemory } from "../../../../infra/config/aws/rdsClasses";
import { isOnRds, preparesRds, rdsWishes } from "../../../../infra/config/aws/rdsWishes";
import { sizeEnvironment } from "../../../../infra/config/sizing";
import type { Problem } from "../../../../infra/core/errors";
import { awsPlatform, splitPlatform } from "../../../support/platform";
import { environment, environmentProblems } from "../given";

const rds = { class: "db.t4g.medium" };
const onRds = (more: object = {}, database: object = {}) => ({
  database: { kind: "rds", rds: { ...rds, ...more }, ...database },
});
const paths = (problems: readonly Problem[]) => problems.map(({ path }) => path);

function wishesOf(written: object, stack = "prod") {
  const config = environment(written as Record<string, unknown>);
  if (!isOnRds(config)) throw new Error("not on RDS");
  return rdsWishes(config, stack);
}

describe("a database on RDS", () => {
  it("is free of problems with a class alone, on a platform that tells of its network", () => {
    expect(environmentProblems(onRds(), awsPlatform)).toEqual([]);
    expect(wishesOf(onRds())).toMatchObject({ identifier: "prod", storage: "20 GB", multiAz: true, protect: true });
    expect(wishesOf({ ...onRds(), stage: "staging" }).multiAz).toBe(false);
  });

  it.each([
    ["Acme_Prod.2", "acme-prod-2"],
    ["2-prod-", "odoo-2-prod"],
  ])("is named after the stack, as RDS takes it: %s", (stack, identifier) => {
    expect(wishesOf(onRds(), stack).identifier).toBe(identifier);
  });

  it("needs what it is made of", () => {
    expect(paths(environmentProblems({ database: { kind: "rds" } }))).toEqual(["database.rds"]);
  });

  it("is told what AWS would refuse, under the names of the keys", () => {
    const problems = environmentProblems(
      onRds({ class: "db.t4g.huge", maxStorage: "22 GB", storage: "30 GB", backupWindow: "02:00-02:10" }),
    );
    expect(paths(problems)).toEqual(["database.rds.class", "database.rds.maxStorage", "database.rds.backupWindow"]);
    expect(problems[0]?.hint).toContain("db.t4g.");
  });

  it("may have a replica, of its own class or another, where the stack keeps the master password", () => {
    const kept = { masterPassword: "stack" };
    expect(environmentProblems(onRds({ ...kept, replica: {} }), awsPlatform)).toEqual([]);
    expect(wishesOf(onRds({ ...kept, replica: { class: "db.r7g.large" } })).replica).toEqual({
      instanceClass: "db.r7g.large",
    });
    expect(wishesOf(onRds())).not.toHaveProperty("replica");
    expect(environmentProblems(onRds({ replica: {} }))).toEqual([
      {
        path: "database.rds.masterPassword",
        expected: '"stack": RDS makes no replica of an instance whose password it manages',
        found: '"rds"',
        hint: 'Make it "stack": it is a secret in the state of the stack then. Or take the replica out.',
      },
    ]);
  });

  it("is told what of a replica AWS would refuse", () => {
    const wrong = { masterPassword: "stack", replica: { class: "db.t4g.huge" } };
    expect(environmentProblems(onRds(wrong))).toMatchObject([
      { path: "database.rds.replica.class", found: "db.t4g.huge", hint: expect.stringContaining("db.t4g.") as string },
    ]);
    const long = { masterPassword: "stack", replica: {}, identifier: "a".repeat(60) };
    expect(environmentProblems(onRds(long))).toMatchObject([{ path: "database.rds.identifier" }]);
    const at = (replica: unknown) => paths(environmentProblems(onRds({ masterPassword: "stack", replica })));
    expect(at({ class: "large" })).toEqual(["database.rds.replica.class"]);
    expect(at({ storage: "20 GB" })).toEqual(["database.rds.replica.storage"]);
    expect(at(true)).toEqual(["database.rds.replica"]);
  });

  it("takes settings in PostgreSQL's own units alone, and none of those that RDS or this project needs as they are", () => {
    const settings = { log_min_duration_statement: "250ms", "rds.force_ssl": 0 };
    const found = environmentProblems(onRds({}, { settings: { log_min_duration_statement: "250ms" } }));
    expect(found).toMatchObject([{ path: "database.settings.log_min_duration_statement", found: '"250ms"' }]);
    expect(environmentProblems(onRds({}, { settings })).length).toBeGreaterThan(1);
    expect(environmentProblems(onRds({}, { settings: { log_min_duration_statement: 250 } }))).toEqual([]);
  });

  it("has nothing that is done with a container", () => {
    const written = {
      ...onRds({}, { memory: "4 GB", volume: "old" }),
      restart: { database: "1" },
      release: { snapshot: "replica", rehearse: "always" },
    };
    expect(paths(environmentProblems(written))).toEqual([
      ...["database.memory", "database.volume", "restart.database", "release.snapshot", "release.rehearse"],
    ]);
  });

  it("may choose how a release's changes could be taken back, which a container has no use for", () => {
    for (const snapshot of ["auto", "pitr", "rds"]) {
      expect(environmentProblems({ ...onRds(), release: { snapshot } })).toEqual([]);
    }
    expect(environmentProblems({ release: { snapshot: "pitr" } })).toMatchObject([{ path: "release.snapshot" }]);
  });

  it("needs a platform of target aws that says where it is there, in two zones", () => {
    expect(environmentProblems(onRds(), splitPlatform)).toMatchObject([{ path: "database.kind" }]);
    const { aws, ...before } = awsPlatform;
    expect(environmentProblems(onRds(), before)).toMatchObject([
      { path: "platform", hint: expect.stringContaining("up") as string },
    ]);
    if (!aws) throw new Error("no platform on AWS");
    const narrow = { ...awsPlatform, aws: { ...aws, subnets: { ...aws.subnets, private: ["subnet-3"] } } };
    expect(environmentProblems(onRds(), narrow)).toMatchObject([{ path: "platform", found: "1" }]);
  });

  it("has connections by its class: too many workers for it are told, with a way out that there is", () => {
    const many = { ...onRds({ class: "db.t4g.micro" }), odoo: { dbMaxconn: 60 } };
    const [problem] = environmentProblems(many, awsPlatform);
    expect(problem).toMatchObject({ path: "odoo.dbMaxconn", hint: "Lower it, or take a larger instance class." });
    const { demand } = sizeEnvironment(environment(onRds({ class: "db.m7g.large" })), awsPlatform);
    const large = rdsClasses.get("db.m7g.large");
    expect(demand).toMatchObject({ memoryBytes: large && usableMemory(large), cores: 2 });
  });
});

describe("an instance beside the container that a database is in", () => {
  const prepared = (more: object = {}, database: object = {}) => ({
    database: { rds: { ...rds, ...more }, ...database },
  });

  it("is one that the database goes to, on a platform on AWS", () => {
    expect(environmentProblems(prepared(), awsPlatform)).toEqual([]);
    expect(environmentProblems(prepared({}, { kind: "container" }), awsPlatform)).toEqual([]);
    const config = environment(prepared());
    expect([preparesRds(config), isOnRds(config)]).toEqual([true, false]);
    expect([preparesRds(environment(onRds())), preparesRds(environment())]).toEqual([false, false]);
  });

  it("leaves the container what there is of it alone", () => {
    const written = {
      ...prepared({}, { memory: "4 GB", volume: "old" }),
      restart: { database: "1" },
      release: { snapshot: "replica", rehearse: "always" },
    };
    expect(environmentProblems(written)).toEqual([]);
  });

  it("is none of another one's copy, which is made on RDS anew", () => {
    const copy = { ...prepared(), stage: "staging", restore: { source: "prod" } };
    expect(environmentProblems(copy)).toEqual([
      {
        path: "database.rds",
        expected: "nothing where kind is container and the data is a copy of another environment",
        found: "a group of keys",
        hint: "Take rds out; or make the copy on RDS: docs/aws-rds.md",
      },
    ]);
    expect(environmentProblems({ ...copy, database: { kind: "rds", rds } })).toEqual([]);
  });

  it("is in the network of a platform on AWS alone", () => {
    expect(environmentProblems(prepared(), splitPlatform)).toMatchObject([
      { path: "database.rds", expected: expect.stringMatching(/^nothing on a platform of target servers/) as string },
    ]);
    const { aws, ...before } = awsPlatform;
    expect(aws).toBeDefined();
    expect(environmentProblems(prepared(), before)).toMatchObject([{ path: "platform" }]);
  });

  it("is told what AWS would refuse, as the database on it would be", () => {
    expect(paths(environmentProblems(prepared({ class: "db.t4g.huge", storage: "1 GB" })))).toEqual([
      ...["database.rds.storage", "database.rds.class"],
    ]);
  });

  it("has the container's settings, which RDS takes in PostgreSQL's own units alone", () => {
    const settings = (log_min_duration_statement: unknown) => ({ settings: { log_min_duration_statement } });
    expect(environmentProblems(prepared({}, settings("250ms")))).toMatchObject([
      { path: "database.settings.log_min_duration_statement", found: '"250ms"' },
    ]);
    expect(environmentProblems(prepared({}, settings(250)))).toEqual([]);
    expect(environmentProblems({ database: settings("250ms") })).toEqual([]);
  });

  it("has to be large enough for all connections before the database is moved there", () => {
    const small = { ...prepared({ class: "db.t4g.micro" }), odoo: { dbMaxconn: 60 } };
    expect(environmentProblems({ odoo: small.odoo }, awsPlatform)).toEqual([]);
    expect(environmentProblems(small, awsPlatform)).toMatchObject([
      { path: "odoo.dbMaxconn", hint: "Lower it, or take a larger instance class." },
    ]);
    expect(environmentProblems({ ...small, ...prepared({ class: "db.m7g.large" }) }, awsPlatform)).toEqual([]);
  });

  it("does not make the container's releases such as there are on RDS alone", () => {
    for (const snapshot of ["pitr", "rds"]) {
      expect(environmentProblems({ ...prepared(), release: { snapshot } })).toMatchObject([
        { path: "release.snapshot", expected: "auto, reflink or replica where database.kind is container" },
      ]);
    }
  });
});
