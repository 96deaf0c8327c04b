import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { silent } from "../../../infra/core/report";
import { clientSecrets, keepSecrets, runOdoo, startClient } from "../../../infra/operator/copy/argv";
import { RdsCopyRun } from "../../../infra/operator/copy/makeOnRds";
import { type RdsCopyPlan, rdsCopyMounts } from "../../../infra/operator/copy/rdsPlan";
import { type CopyRecord, readCopies, writeCopy } from "../../../infra/operator/copy/record";
import { CopySwitch } from "../../../infra/operator/copy/release";
import { folderWith } from "../../support/folders";

/** Where the volumes are mounted, what was done in order, and what fails. */
const world = vi.hoisted(() => ({ own: { files: "", releases: "", database: "" }, order: [] as string[], fails: "" }));
const step = vi.hoisted(() => <T>(name: string, result: T): Promise<T> => {
  world.order.push(name);
  return name === world.fails ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve(result);
});

vi.mock("../../../infra/operator/copy/plan", async (original) => ({
  ...(await original<object>()),
  copyFolders: { source: { database: "/source/database", files: "/source/files" }, own: world.own },
}));
vi.mock("../../../infra/core/exec", () => ({
  run: ([program]: readonly string[]) =>
    Promise.resolve(program === "docker" ? "/volumes/filestore\n" : program === "sh" ? "7 1" : ""),
  attempt: () => Promise.resolve({ exitCode: 1, stdout: "", stderr: "" }),
}));
vi.mock("../../../infra/operator/copy/fit", () => ({ requireFilesFit: () => Promise.resolve({ bytes: 7, files: 1 }) }));
vi.mock("../../../infra/operator/copy/bring", () => ({
  bringFilestore: ({ id, database }: RdsCopyPlan) => {
    const to = join(world.own.files, ".incoming", id, "filestore", database);
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, "file"), "of production");
    return step("files", undefined);
  },
  giveAway: (_plan: unknown, like: string) => step(`give away, like ${like.slice(world.own.files.length)}`, undefined),
}));
vi.mock("../../../infra/operator/copy/rdsServer", () => ({
  RdsServer: {
    open: (_plan: unknown, files: string) =>
      step(`open ${files}`, { size: () => Promise.resolve(42), close: () => step("close", undefined) }),
  },
}));
vi.mock("../../../infra/operator/copy/ready", () => ({
  makeReady: (_plan: unknown, _server: unknown, files: string) =>
    step(`secure ${files.slice(world.own.files.length)}`, { secured: {}, modules: {} }),
}));

const server = {
  ...{ host: "staging.rds", port: 5432, role: "odoo", password: "pass:word", trust: "CERTIFICATE", network: "edge" },
  client: "sha256:postgres",
};
const plan = {
  ...{
    id: "20261127-060000-aaaaaa",
    key: "1 db-A",
    stack: "staging",
    database: "odoo-2",
    dataFrom: "2026-11-27T05:30:00Z",
  },
  source: { stack: "prod", database: "live", volumes: { database: "prod-d", filestore: "prod-f" } },
  volumes: { database: "staging-d", filestore: "staging-f", releases: "staging-r" },
  ...{ image: { id: "sha256:odoo", tag: "1" }, server },
} as unknown as RdsCopyPlan;
const other = { platform: "prod-platform", machine: "main", operator: "sha256:operator" };
const make = (more: Partial<RdsCopyPlan> = {}) => new RdsCopyRun({ ...plan, ...more }, silent).run();
const filestores = () => readdirSync(join(world.own.files, "filestore")).sort();

beforeEach(() => {
  world.order.length = 0;
  world.fails = "";
  const folder = folderWith({ "files/filestore/odoo-1/file": "of staging", "files/.incoming/left/over": "" });
  world.own.files = join(folder, "files");
  world.own.releases = join(folder, "releases");
});

describe("a copy on RDS", () => {
  it("has its files brought and is secured beside what is there, and is written down last", async () => {
    const record = await make();
    expect(world.order).toEqual([
      ...["files", "open /volumes/filestore/.incoming/20261127-060000-aaaaaa"],
      ...["secure /.incoming/20261127-060000-aaaaaa/filestore/odoo-2", "close"],
    ]);
    expect(record).toMatchObject({
      ...{ id: plan.id, key: plan.key, source: "prod", dataFrom: plan.dataFrom, method: "snapshot" },
      ...{ bytes: { database: 42, files: 7 }, files: 1 },
    });
    expect(record.switchedAt).toBeUndefined();
    expect(readCopies(world.own.releases)).toEqual([record]);
    expect(filestores()).toEqual(["odoo-1", "odoo-2"]);
    expect(readFileSync(join(world.own.files, "filestore/odoo-2/file"), "utf8")).toBe("of production");
    expect(readdirSync(join(world.own.files, ".incoming"))).toEqual([]);
  });

  it("is made once of an instance, and anew of another one of the same name", async () => {
    await make();
    world.order.length = 0;
    expect(await make({ id: "20261127-070000-bbbbbb" })).toMatchObject({ id: plan.id });
    expect(world.order).toEqual([]);
    expect(await make({ id: "20261127-070000-bbbbbb", key: "1 db-B" })).toMatchObject({ id: "20261127-070000-bbbbbb" });
  });

  it("is none where a part fails: nothing is written down, and what was there before stays", async () => {
    for (const fails of ["secure /.incoming/20261127-060000-aaaaaa/filestore/odoo-2", "files"]) {
      world.fails = fails;
      await expect(make()).rejects.toThrow("failed");
      expect(readCopies(world.own.releases)).toEqual([]);
      expect(filestores()).toEqual(["odoo-1"]);
      expect(existsSync(join(world.own.files, ".incoming"))).toBe(false);
    }
    world.fails = "";
    await expect(make()).resolves.toMatchObject({ id: plan.id });
  });
});

describe("a copy of an environment on another platform", () => {
  const from = { source: { ...plan.source, other } };
  const waiting = `.incoming/${plan.id}/filestore/odoo-2`;
  const bring = () => {
    mkdirSync(join(world.own.files, waiting), { recursive: true });
    writeFileSync(join(world.own.files, waiting, "file"), "of production");
  };

  it("takes the files that wait, and secures them where they are", async () => {
    bring();
    expect(await make(from)).toMatchObject({ id: plan.id, files: 1 });
    expect(world.order).toEqual([
      ...[`give away, like /${waiting}`, "open /volumes/filestore/.incoming/20261127-060000-aaaaaa"],
      ...[`secure /${waiting}`, "close"],
    ]);
    expect(readFileSync(join(world.own.files, "filestore/odoo-2/file"), "utf8")).toBe("of production");
    expect(existsSync(join(world.own.files, ".incoming", plan.id))).toBe(false);
  });

  it("leaves none of them when it fails, or when the copy was made before", async () => {
    bring();
    world.fails = `secure /${waiting}`;
    await expect(make(from)).rejects.toThrow("failed");
    expect(existsSync(join(world.own.files, ".incoming"))).toBe(false);
    await expect(make(from)).rejects.toThrow(/files that were brought are not in/);
    world.fails = "";
    bring();
    await make(from);
    bring();
    expect(await make(from)).toMatchObject({ id: plan.id });
    expect(existsSync(join(world.own.files, ".incoming", plan.id))).toBe(false);
  });
});

describe("a release to a copy on RDS", () => {
  const copySwitch = (notes: object[], more: object = {}) => {
    const release = { stack: "staging", database: "odoo-2", copy: plan.id, remoteDatabase: true, ...more };
    const state = { plan: release, switchedAt: "2026-11-27T06:10:00Z" };
    const progress = { state, note: (known: object) => void notes.push(known), report: silent };
    return new CopySwitch({} as never, progress as never, {} as never);
  };

  it("has nothing to put in place: requests are all that goes over", async () => {
    expect(await copySwitch([]).isDue()).toBe(false);
  });

  it("notes once that the data is of it, and drops the files of the database before", async () => {
    mkdirSync(dirname(join(world.own.files, "filestore/odoo-2/file")), { recursive: true });
    writeCopy(world.own.releases, { id: plan.id } as CopyRecord);
    const notes: object[] = [];
    await copySwitch(notes).keep();
    await copySwitch(notes).keep();
    expect(notes).toEqual([{ copy: plan.id }]);
    expect(readCopies(world.own.releases)).toMatchObject([{ id: plan.id, switchedAt: "2026-11-27T06:10:00Z" }]);
    expect(filestores()).toEqual(["odoo-2"]);
  });

  it("leaves files alone where the data is no copy", async () => {
    await copySwitch([], { copy: undefined }).keep();
    expect(filestores()).toEqual(["odoo-1"]);
  });
});

describe("what a copy on RDS is secured with", () => {
  it("is a client that checks the server, is given secrets by standard input, and can't write anywhere but in memory", () => {
    const argv = startClient("staging", server, "odoo-2").join(" ");
    for (const part of [
      "--network edge",
      "--read-only",
      "--cap-drop ALL",
      "PGSSLMODE=verify-full",
      "PGDATABASE=odoo-2",
    ])
      expect(argv).toContain(part);
    expect(`${argv} ${keepSecrets.join(" ")}`).not.toMatch(/pass:word|CERTIFICATE/);
    expect(clientSecrets(server)).toBe(String.raw`*:*:*:*:pass\:word` + "\nCERTIFICATE");
  });

  it("is Odoo's programs on the network with a way to it", () => {
    expect(runOdoo("staging", "sha256:odoo", "/files", "code", "edge").join(" ")).toContain("--network edge");
    expect(runOdoo("staging", "sha256:odoo", "/files", "code").join(" ")).toContain("--network staging-copy");
  });

  it("has the source's files and can't write to them, and nothing of its database", () => {
    expect(rdsCopyMounts(plan)).toEqual(["prod-f:/source/files:ro"]);
    expect(rdsCopyMounts({ source: { ...plan.source, elsewhere: { files: "web" } } })).toEqual([]);
    expect(rdsCopyMounts({ source: { ...plan.source, other } })).toEqual([]);
  });
});
