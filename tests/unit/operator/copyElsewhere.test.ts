import { describe, expect, it } from "vitest";
import { inEngine } from "../../../infra/commands/docker";
import { type CopyInput, volumesNeeded } from "../../../infra/commands/steps/copy";
import { endInFiles, inFiles } from "../../../infra/operator/copy/argv";
import { type Choice, decideWay } from "../../../infra/operator/copy/choose";
import { originOf } from "../../../infra/operator/copy/origin";
import { copyMounts, type CopyPlan } from "../../../infra/operator/copy/plan";
import { reachSource, requirePlaces } from "../../../infra/operator/copy/source";
import { sendCluster, sendFolder } from "../../../infra/operator/copy/throughServer";

const source = {
  stack: "acme-prod",
  database: "live",
  volumes: { database: "acme-prod-postgres-data", filestore: "acme-prod-filestore" },
};
const plan = {
  stack: "acme-staging",
  source,
  volumes: { database: "acme-staging-postgres-data", filestore: "acme-staging-filestore", releases: "acme-staging-r" },
};
const from = (elsewhere: CopyPlan["source"]["elsewhere"]) => ({ ...plan, source: { ...source, elsewhere } });
const server = inEngine("ssh://db", "c0ffee");

describe("a source on other machines", () => {
  it("has none of its volumes mounted that are not here", () => {
    const own = "acme-staging-postgres-data:/database";
    const database = "acme-prod-postgres-data:/source/database:ro";
    const files = "acme-prod-filestore:/source/files:ro";
    expect(copyMounts(plan)).toEqual([database, files, own]);
    expect(copyMounts(from({ database: "db" }))).toEqual([files, own]);
    expect(copyMounts(from({ files: "web1" }))).toEqual([database, own]);
    expect(copyMounts(from({ database: "db", files: "web1" }))).toEqual([own]);
  });

  it("has its volumes looked for on the machines that they are on", () => {
    const at = (change: Partial<CopyInput>, elsewhere?: CopyPlan["source"]["elsewhere"]) => {
      const input = { dockerHost: "ssh://own", sourceHost: "ssh://own", hasPeers: false, ...change };
      return volumesNeeded({ ...input, plan: from(elsewhere) }).map(({ name, dockerHost }) => `${name} ${dockerHost}`);
    };
    const here = ["acme-prod-postgres-data ssh://own", "acme-prod-filestore ssh://own"];
    expect(at({})).toEqual(here);
    // The own database may have stayed behind.
    expect(at({ hasPeers: true })).toEqual([...here, "acme-staging-postgres-data ssh://own"]);
    const both = { database: "db", files: "web1" };
    expect(at({ hasPeers: true, sourceHost: "ssh://web1" }, both)).toEqual([
      ...["acme-prod-filestore ssh://web1", "acme-staging-postgres-data ssh://own"],
    ]);
  });

  it("is refused where a server is not where the plan has it", () => {
    const servers = { own: "feed", source: "c0ffee" };
    expect(() => requirePlaces(plan, servers)).not.toThrow();
    expect(() => requirePlaces(from({ database: "db" }), { ...servers, source: server })).not.toThrow();
    expect(() => requirePlaces(plan, { ...servers, source: server })).toThrow(
      /acme-prod is not where[\s\S]*ssh:\/\/db/,
    );
    expect(() => requirePlaces(from({ database: "db2" }), { ...servers, source: server })).toThrow(/ssh:\/\/db2/);
    expect(() => requirePlaces(from({ database: "db" }), servers)).toThrow(/found: +this machine/);
    expect(() => requirePlaces(plan, { ...servers, own: server })).toThrow(/move-database acme-staging/);
  });

  it("is read in its server's container, and where operators there would see its files", async () => {
    const reach = await reachSource(from({ database: "db" }) as CopyPlan, server);
    const { cluster, files } = originOf(plan, undefined, reach);
    expect(cluster.path).toBe("/var/lib/postgresql/odoo-stacks/pgdata");
    expect(cluster.reach?.(["cat", "PG_VERSION"])).toEqual([
      ...["docker", "--host", "ssh://db", "exec", "c0ffee", "cat", "PG_VERSION"],
    ]);
    expect(files).toEqual({ path: "/source/files/filestore/live", reach: undefined });
    const set = originOf(plan, "20261123-191500-1a2b3c", reach);
    expect(set.cluster.path).toBe("/var/lib/postgresql/odoo-stacks/backups/20261123-191500-1a2b3c");
    expect(set.files.path).toBe("/source/files/.sets/20261123-191500-1a2b3c");
    expect(originOf(plan, undefined).cluster).toEqual({ path: "/source/database/pgdata" });
  });
});

describe("what is run on other machines", () => {
  it("sends a running cluster as its server has it", () => {
    const send = ["env", "PGAPPNAME=odoo-stacks-copy-acme-staging", "pg_basebackup"];
    expect(sendCluster(server, "acme-staging").slice(0, 8)).toEqual([
      ...["docker", "--host", "ssh://db", "exec", "c0ffee", ...send],
    ]);
    expect(sendCluster("c0ffee", "acme-staging").slice(0, 6)).toEqual(["docker", "exec", "c0ffee", ...send]);
  });

  it("sends a set without what belonged to the server that ran on it", () => {
    expect(sendFolder("/backups/1")).toEqual([
      ...["tar", "--create", "--directory", "/backups/1", "--exclude=./postmaster.*", "."],
    ]);
  });

  it("reads files without a network, a log, or a way to write", () => {
    const place = { stack: "acme-staging", engine: "ssh://web1", image: "sha256:1", volume: "acme-prod-filestore" };
    const argv = inFiles(place, ["find", "/source/files", "-type", "f"]);
    expect(argv.slice(0, 8)).toEqual([
      ...["docker", "--host", "ssh://web1", "run", "--rm", "--interactive", "--init", "--name"],
    ]);
    expect(argv.join(" ")).toContain("--network none --log-driver none --volume acme-prod-filestore:/source/files:ro");
    expect(argv.slice(-6)).toEqual(["--entrypoint", "find", "sha256:1", "/source/files", "-type", "f"]);
    expect(endInFiles("acme-staging", "ssh://web1")).toEqual([
      ...["docker", "--host", "ssh://web1", "rm", "--force", argv[8]],
    ]);
  });
});

describe("the way that a source is copied", () => {
  const none = { cluster: false, files: false };
  const decide = (asked: Choice["asked"], elsewhere?: Choice["source"]["elsewhere"], more: Partial<Choice> = {}) =>
    decideWay({ asked, source: { stack: "prod", elsewhere }, isSet: false, shares: none, ...more });
  const both = { database: "db", files: "web1" };
  const onOther = "prod's PostgreSQL is on another machine (db)";

  it("on one machine is what its disk can do, or what is asked for", () => {
    const shares = { cluster: true, files: false };
    expect(decide("auto")).toMatchObject({ method: "copy", sharesFiles: false });
    expect(decide("auto", undefined, { shares })).toMatchObject({ method: "reflink", sharesFiles: true });
    expect(decide("copy", undefined, { shares })).toMatchObject({ method: "copy", sharesFiles: false });
    const asked = { method: "basebackup", because: "the configuration asks for it", sharesFiles: false };
    expect(decide("basebackup")).toEqual(asked);
    expect(() => decide("reflink")).toThrow(/restore\.method[\s\S]*they are not/);
    expect(() => decide("basebackup", undefined, { isSet: true })).toThrow(/needs a running server/);
  });

  it("is through the server where that is on another machine", () => {
    expect(decide("auto", { database: "db" })).toEqual({ method: "basebackup", because: onOther, sharesFiles: false });
    expect(decide("basebackup", { database: "db" })).toMatchObject({ because: "the configuration asks for it" });
    // The files may be here all the same.
    const shares = { cluster: false, files: true };
    expect(decide("auto", { database: "db" }, { shares })).toMatchObject({ method: "basebackup", sharesFiles: true });
  });

  it.each(["reflink", "copy"] as const)("is refused as %s then", (asked) => {
    expect(() => decide(asked, { database: "db" })).toThrow(
      new RegExp(`restore\\.method\\s+expected: auto or basebackup, because prod's .*\\(db\\)\\s+found: +${asked}\\s`),
    );
  });

  it("is file by file for a set, wherever it is", () => {
    const set = { isSet: true };
    expect(decide("auto", { database: "db" }, set)).toMatchObject({ method: "copy", because: onOther });
    expect(decide("copy", { database: "db" }, set)).toMatchObject({ because: "the configuration asks for it" });
    expect(() => decide("reflink", { database: "db" }, set)).toThrow(/auto or copy/);
    expect(() => decide("basebackup", { database: "db" }, set)).toThrow(/needs a running server/);
  });

  it("says where files come from, and shares none with another machine", () => {
    expect(decide("auto", both)).toEqual({
      ...{ method: "basebackup", because: `${onOther}; its files come from web1`, sharesFiles: false },
    });
    const shares = { cluster: true, files: false };
    expect(decide("auto", { files: "web1" }, { shares })).toMatchObject({ method: "reflink", sharesFiles: false });
  });
});
