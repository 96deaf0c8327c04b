import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { swarmInit } from "../../infra/commands/docker";
import { ensureImage } from "../../infra/images";
import { chooseSnapshot, type Snapshot, type SnapshotChoice, snapshotSpace } from "../../infra/operator/snapshot";
import { dropSnapshot, keptSnapshots, useSnapshot } from "../../infra/operator/snapshotsKept";
import { undo } from "../../infra/operator/snapshotUndo";
import { Containers } from "../support/containers";
import { docker, removeNamed, swarmState } from "../support/docker";
import { dataDir, PostgresServer } from "../support/postgresServer";
import { must, sh } from "../support/shell";
import { until } from "../support/until";
import { Xfs } from "../support/xfs";

/** Copies of a real database under load, frozen and put back, on a filesystem that shares blocks and on Docker's own. */
const label = "odoo-stacks.test=snapshot";
const containers = new Containers("snapshot");
const prefix = `snapshot${randomBytes(3).toString("hex")}`;
const secrets = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
const script = "/opt/odoo-stacks/snapshot.sh";
let image: string;
let xfs: Xfs;
let count = 0;

beforeAll(async () => {
  image = (await ensureImage("postgres", (line) => console.log(line))).id;
  xfs = await Xfs.create(8_000);
  await containers.createNetwork();
});
afterAll(async () => {
  await removeNamed(prefix);
  await containers.removeAll();
  await (xfs as Xfs | undefined)?.remove();
  rmSync(secrets, { recursive: true, force: true });
});

/** A volume in a folder of a filesystem. */
async function volumeOn(filesystem: Xfs): Promise<string> {
  count += 1;
  const name = `${prefix}-volume-${count}`;
  const options = ["--driver", "local", "--opt", "type=none", "--opt", "o=bind"];
  const device = `device=${filesystem.folderFor(name)}`;
  return docker("volume", "create", "--label", label, ...options, "--opt", device, name);
}

async function serve(volume: string): Promise<PostgresServer> {
  count += 1;
  const options = { image, network: containers.network, label, secrets };
  const server = new PostgresServer(`${prefix}-server-${count}`, volume, options);
  await server.start();
  return server;
}

/** Makes a copy of what is there now. */
async function freeze(server: PostgresServer, choice: SnapshotChoice): Promise<Snapshot> {
  const snapshot = await chooseSnapshot(server, choice);
  await snapshot.prepare();
  await snapshot.settle();
  await snapshot.freeze();
  return snapshot;
}

/** All data of the database, and what it is made of. */
const fingerprint = (server: PostgresServer): Promise<string> =>
  server.shell("pg_dump --host /run/postgresql --username postgres prod | grep -vE '^.(un)?restrict ' | md5sum");

/** Seconds that something takes. */
async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

const slots = (server: PostgresServer) => server.sql("SELECT count(*) FROM pg_replication_slots");
const seed = "CREATE TABLE kept (what text); INSERT INTO kept SELECT md5(g::text) FROM generate_series(1, 10000) g";
const spoil = "DROP TABLE kept; CREATE TABLE spoilt AS SELECT generate_series(1, 10000)";

/** Inserts numbered rows, one a transaction, and knows which of them the server has acknowledged. */
function write(server: PostgresServer): { acknowledged(): number } {
  let last = 0;
  const psql = ["psql", "-XAtq", "-h", "/run/postgresql", "-U", "postgres", "-d", "prod"];
  const child = spawn("docker", ["exec", "--interactive", "--user", "postgres", server.name, ...psql]);
  child.stdin.end("INSERT INTO written DEFAULT VALUES RETURNING n \\watch i=0.001\n");
  child.stdout.on("data", (data: Buffer) => {
    last = Math.max(last, ...data.toString().split("\n").map(Number).filter(Number.isInteger));
  });
  return { acknowledged: () => last };
}

describe.each([
  { filesystem: "XFS", choice: "auto", kind: "reflink", volume: () => volumeOn(xfs) },
  { filesystem: "Docker's own", choice: "replica", kind: "replica", volume: () => containers.volume() },
] as const)("a snapshot on $filesystem, as $kind", ({ choice, kind, volume }) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await serve(await volume());
    await server.sql(seed);
  });
  afterAll(() => sh(["docker", "rm", "--force", server.name]));

  it("is what the database was at one moment, while it is written to", async () => {
    await server.sql("CREATE TABLE written (n bigserial PRIMARY KEY)");
    await server.shell("pgbench --host /run/postgresql --username postgres --initialize --quiet prod 2>&1");
    const load = `setpriv --reuid postgres --clear-groups pgbench -h /run/postgresql -U postgres -c 2 -T 300 prod`;
    await docker("exec", "--detach", server.name, "sh", "-c", load);
    const writer = write(server);
    await until("the first rows", 10, () => writer.acknowledged() > 100);

    const snapshot = await chooseSnapshot(server, choice);
    expect(snapshot.kind).toBe(kind);
    await snapshot.prepare();
    await snapshot.settle();
    const before = writer.acknowledged();
    await snapshot.freeze();
    await until("rows after it", 10, () => writer.acknowledged() > before + 100);
    expect(await slots(server)).toBe("0");
    const after = Number(await server.sql("SELECT max(n) FROM written"));
    await server.sql("DELETE FROM written WHERE n % 2 = 0; TRUNCATE pgbench_history; DROP TABLE kept; VACUUM FULL");
    await snapshot.undo();

    const [rows = 0, last = 0] = (await server.sql("SELECT count(*), max(n) FROM written")).split("|").map(Number);
    expect(rows).toBe(last);
    expect(last).toBeGreaterThanOrEqual(before);
    expect(last).toBeLessThan(after);
    const balances = `SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
      AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(delta) FROM pgbench_history), count(*) FROM kept`;
    expect(await server.sql(balances)).toBe("t|10000");
    await server.shell("pg_amcheck --host /run/postgresql --username postgres --install-missing --heapallindexed prod");
    expect((await server.overNetwork("SELECT 1", "first-password")).stdout.trim()).toBe("1");
    expect(await server.files()).toEqual(["pgdata", "pgdata.failed"]);
    await snapshot.discard();
    expect(await server.files()).toEqual(["pgdata"]);
    await server.sql("DROP EXTENSION amcheck; DROP TABLE written, pgbench_accounts, pgbench_branches, pgbench_history");
  });

  it("brings back all data, also with a password that was changed meanwhile, and again when asked again", async () => {
    await server.sql("CREATE TABLE early AS SELECT 1; ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf()");
    const snapshot = await chooseSnapshot(server, choice);
    await snapshot.prepare();
    await server.sql("UPDATE kept SET what = what || 'x'; DROP TABLE early; CREATE TABLE later AS SELECT 2");
    await server.sql("VACUUM FULL kept");
    await server.sql("CREATE DATABASE other");
    await snapshot.settle();
    await server.sql('UPDATE later SET "?column?" = 3; CREATE INDEX ON kept (what)');
    const before = await fingerprint(server);
    await snapshot.freeze();
    if (kind === "reflink") await server.shell(`cd ${dataDir} && diff --recursive --brief pgdata/base undo/base`);
    await server.sql("DROP DATABASE other");
    await server.sql(spoil);
    await server.start("second-password");
    await snapshot.undo();
    expect(await fingerprint(server)).toBe(before);
    expect((await server.overNetwork("SELECT 1", "second-password")).stdout.trim()).toBe("1");
    expect((await server.overNetwork("SELECT 1", "first-password")).all).toMatch(/password authentication failed/);
    // What follows or archives the log must not take it for the one that the database was on before.
    expect(Number(await server.sql("SELECT timeline_id FROM pg_control_checkpoint()"))).toBe(3);
    await server.sql("INSERT INTO kept VALUES ('after')");
    await snapshot.undo();
    expect(await server.sql("SELECT count(*) FROM kept")).toBe("10001");
    await server.sql("DELETE FROM kept WHERE what = 'after'; DROP TABLE later; DROP DATABASE other");
  });

  it.each([0, 300, 1500])("is put back also when the power fails %d ms after the undo began", async (ms) => {
    const before = await fingerprint(server);
    await freeze(server, choice);
    await server.sql(spoil);
    await server.shell(`${script} apply-undo`);
    await sh(["docker", "exec", server.name, script, "stop"]);
    await delay(ms); // The moment of the power cut.
    await server.kill();
    await server.boot();
    expect(await fingerprint(server)).toBe(before);
    expect(await server.files()).toEqual(["pgdata", "pgdata.failed"]);
  });

  it("is put back when the server died before it was asked", async () => {
    const before = await fingerprint(server);
    const snapshot = await freeze(server, choice);
    await server.sql(spoil);
    const dying = sh(["docker", "restart", "--time", "0", server.name]);
    await snapshot.undo();
    await dying;
    await server.answers();
    expect(await fingerprint(server)).toBe(before);
  });

  it("is kept, listed, used for going back, and dropped", async () => {
    const before = await fingerprint(server);
    const snapshot = await freeze(server, choice);
    await snapshot.keep("20261123-191500-1a2b3c");
    await snapshot.keep("20261123-191500-1a2b3c"); // Asked again after an interruption.
    await server.sql(spoil);
    const [kept, ...more] = await keptSnapshots(server);
    expect(more).toEqual([]);
    expect(kept?.id).toBe("20261123-191500-1a2b3c");
    expect(kept?.bytes).toBeGreaterThan(20_000_000);
    for (const round of [1, 2]) {
      await useSnapshot(server, "20261123-191500-1a2b3c");
      await undo(server, 60);
      expect(await fingerprint(server)).toBe(before);
      await server.sql(round === 1 ? spoil : "SELECT");
    }
    await dropSnapshot(server, "20261123-191500-1a2b3c");
    expect(await keptSnapshots(server)).toEqual([]);
    await expect(useSnapshot(server, "20261123-191500-1a2b3c")).rejects.toThrow(/a copy that was made before/);
    await expect(snapshot.keep("../pgdata")).rejects.toThrow(/letters, digits, dots/);
    await expect(snapshot.undo()).resolves.toBeUndefined();
    await snapshot.discard();
    await expect(snapshot.undo()).rejects.toThrow(/there is no copy to go back to/);
    expect(await fingerprint(server)).toBe(before);
  });

  it("is not frozen and not discarded while an undo is on its way", async () => {
    const snapshot = await freeze(server, choice);
    await server.shell(`${script} apply-undo`);
    await expect(snapshot.discard()).rejects.toThrow(/nothing was removed/);
    await expect(snapshot.prepare()).rejects.toThrow(/nothing was removed/);
    await snapshot.undo();
  });

  it("freezes 1 GB in thousands of files as fast as a small database", async () => {
    const snapshot = await chooseSnapshot(server, choice);
    /** The faster of two: others use the disk as well. */
    const measure = async () => {
      const rounds = [];
      for (let round = 0; round < 2; round += 1) {
        const prepare = await timed(() => snapshot.prepare());
        const settle = await timed(() => snapshot.settle());
        rounds.push({ prepare, settle, freeze: await timed(() => snapshot.freeze()) });
      }
      return rounds.reduce((best, next) => (next.freeze < best.freeze ? next : best));
    };
    const small = await measure();
    await server.sql(`CREATE TABLE big WITH (autovacuum_enabled = false) AS
      SELECT g AS id, repeat(md5(g::text), 32) AS fill FROM generate_series(1, 1000000) g`);
    await server.sql(`DO $$ BEGIN FOR i IN 1 .. 1000 LOOP
      EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, text text)', i); END LOOP; END $$`);
    await snapshot.discard();
    const { cluster, free } = await snapshotSpace(server);
    expect(cluster).toBeGreaterThan(1_000_000_000);
    const big = await measure();
    if (kind === "reflink") expect((await snapshotSpace(server)).free).toBeGreaterThan(free - 100_000_000);
    await server.sql("DROP TABLE big");
    const back = await timed(() => snapshot.undo());
    expect(await server.sql("SELECT count(*), sum(id) FROM big")).toBe("1000000|500000500000");
    console.log(`seconds as ${kind}, small and 1 GB: ${JSON.stringify([small, { ...big, undo: back }])}`);
    expect(big.freeze).toBeLessThan(small.freeze + 1);
  });
});

describe("an undo that the power cut short", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await serve(await volumeOn(xfs));
    await server.sql(seed);
  });

  /** Leaves a server that is off as a power cut would, with an undo asked for. */
  async function interrupt(state: string): Promise<void> {
    await freeze(server, "auto");
    await server.sql(spoil);
    await server.shell(`${script} apply-undo`);
    await server.kill();
    await server.onVolume(state);
  }

  it.each([
    ["before anything was done", ":"],
    ["with what an earlier undo left half removed", "mkdir -p pgdata.failed/base"],
    ["while the copy recovered", "touch undo/recovery.signal"],
    ["once the cluster was out of the way", "mv pgdata pgdata.failed"],
    ["once the copy was in place", "PGDATA=/volume/pgdata /opt/odoo-stacks/undo.sh; touch undo.wanted"],
  ])("goes on: %s", async (_, state) => {
    const before = await fingerprint(server);
    await interrupt(state);
    await server.boot();
    expect(await fingerprint(server)).toBe(before);
    expect(await server.files()).toEqual(["pgdata", "pgdata.failed"]);
  });

  it.each([
    [
      "the copy is gone",
      "rm -r undo",
      /asks for the copy in .*, which is not there/,
      "rm undo.wanted; mv /volume/aside undo",
    ],
    [
      "the mark is gone after half of it",
      "rm undo.wanted; mv pgdata pgdata.failed",
      /no whole cluster/,
      "touch undo.wanted",
    ],
  ])("refuses to guess when %s", async (_, state, message, repair) => {
    const before = await fingerprint(server);
    await interrupt(`cp -a undo /volume/aside; ${state}`);
    await docker("start", server.name);
    await until("its refusal", 30, async () => message.test((await sh(["docker", "logs", server.name])).all));
    await server.kill();
    await server.onVolume(`${repair}; touch undo.wanted; rm -rf aside`);
    await server.boot();
    expect(await fingerprint(server)).toBe(before);
  });
});

describe("making a snapshot", () => {
  it("by shared blocks fails when it was not begun by the same server", async () => {
    const server = await serve(await volumeOn(xfs));
    const snapshot = await chooseSnapshot(server, "reflink");
    await expect(snapshot.freeze()).rejects.toThrow(/there is no copy to freeze[^]*Start the release again/);
    await snapshot.prepare();
    await docker("restart", server.name);
    await server.answers();
    await expect(snapshot.freeze()).rejects.toThrow(/the server was started again since/);
    await expect(snapshot.undo()).rejects.toThrow(/there is no copy to go back to/);
    await snapshot.prepare();
    await snapshot.freeze();
    expect(await server.files()).toEqual(["pgdata", "undo"]);
    await sh(["docker", "rm", "--force", server.name]);
  });

  it("fails when the replica is gone at the freeze, leaves nothing behind, and works again", async () => {
    const server = await serve(await containers.volume());
    const snapshot = await chooseSnapshot(server, "replica");
    await expect(snapshot.freeze()).rejects.toThrow(/the replica is not running/);
    await snapshot.prepare();
    expect(await slots(server)).toBe("1");
    await docker("restart", server.name);
    await server.answers();
    expect(await slots(server)).toBe("0");
    await expect(snapshot.freeze()).rejects.toThrow(/the container was restarted[^]*Start the release again/);
    await expect(snapshot.undo()).rejects.toThrow(/there is no copy to go back to/);

    await snapshot.prepare();
    // It can't catch up while it is stopped.
    const replica = `$(head -n 1 ${dataDir}/undo.new/postmaster.pid)`;
    await server.shell(`pkill -STOP -P ${replica}`);
    await expect(snapshot.freeze(1)).rejects.toThrow(/has not caught up within 1 s/);
    await server.shell(`pkill -CONT -P ${replica}`);
    await snapshot.freeze();
    expect(await server.files()).toEqual(["pgdata", "undo"]);

    await snapshot.prepare();
    await server.shell(`kill -9 ${replica}`);
    await expect(snapshot.freeze()).rejects.toThrow(/the replica is not running/);
    await snapshot.discard();
    expect(await slots(server)).toBe("0");
    expect(await server.files()).toEqual(["pgdata"]);
    expect(await server.sql("SELECT 1")).toBe("1");
  });

  it("is ended, and cleared away, by whoever comes after a caller that is gone", async () => {
    const server = await serve(await containers.volume());
    await server.sql("CREATE TABLE big AS SELECT g, repeat(md5(g::text), 32) FROM generate_series(1, 300000) g");
    const snapshot = await chooseSnapshot(server, "replica");
    const caller = spawn("docker", ["exec", server.name, script, "replica-start"]);
    const backup = "pgrep -c pg_basebackup || true";
    await until("the copy to begin", 20, async () => (await server.shell(backup)) !== "0");
    caller.kill("SIGKILL");
    expect(await server.shell(backup)).not.toBe("0");
    await snapshot.discard();
    expect(await server.shell(backup)).toBe("0");
    expect(await slots(server)).toBe("0");
    expect(await server.files()).toEqual(["pgdata"]);
  });

  it("is refused where the disk would not hold a replica, or can't share blocks", async () => {
    const small = await Xfs.create(700);
    try {
      const server = await serve(await volumeOn(small));
      await expect(chooseSnapshot(server, "replica")).rejects.toThrow(
        /expected: 1 GB free.*\n.*found: +\d+(\.\d)? MB free/,
      );
      const { exitCode, all } = await sh(["docker", "exec", server.name, script, "replica-start"]);
      expect(exitCode).toBe(28);
      expect(all).toMatch(/a copy needs \d+ bytes free in the volume, and there are \d+/);
      expect(await server.files()).toEqual(["pgdata"]);
      expect((await chooseSnapshot(server, "auto")).kind).toBe("reflink");
      await sh(["docker", "rm", "--force", server.name]);
      await docker("volume", "rm", server.volume);
    } finally {
      await small.remove();
    }
    const server = await serve(await containers.volume());
    if ((await server.shell(`${script} can-reflink`)) === "no") {
      await expect(chooseSnapshot(server, "reflink")).rejects.toThrow(/release.snapshot[^]*can't share blocks/);
      expect((await chooseSnapshot(server, "auto")).kind).toBe("replica");
    }
  });

  it("works in a Swarm, which starts the server again in a container of its own", async () => {
    if ((await swarmState()) !== "active") await must(swarmInit("127.0.0.1"));
    const name = `${prefix}-service`;
    const secret = `${prefix}-secret`;
    await docker("network", "create", "--driver", "overlay", "--label", label, `${prefix}-network`);
    await must(["docker", "secret", "create", "--label", label, secret, "-"], { input: "first-password" });
    await docker(
      ...["service", "create", "--detach", "--quiet", "--name", name, "--init", "--network", `${prefix}-network`],
      ...["--endpoint-mode", "dnsrr", "--restart-condition", "any", "--restart-delay", "1s"],
      ...["--secret", `source=${secret},target=odoo_password,uid=999,gid=999,mode=0400`, "--env", "DATABASE=prod"],
      ...["--mount", `type=volume,source=${await volumeOn(xfs)},target=${dataDir}`, image],
    );
    const database = {
      async container(): Promise<string> {
        const filter = ["--filter", `label=com.docker.swarm.service.name=${name}`, "--filter", "health=healthy"];
        const found = (await docker("ps", "--quiet", "--no-trunc", ...filter)).split("\n").filter(Boolean);
        if (found.length !== 1 || !found[0]) throw new Error(`${found.length} containers`);
        return found[0];
      },
    };
    const sql = async (text: string) =>
      docker(
        ...["exec", "--user", "postgres", await database.container()],
        ...["psql", "-XAtqh", "/run/postgresql", "-d", "prod", "-c", text],
      );
    const first = await until("the service", 60, () => database.container());
    await sql(seed);
    const snapshot = await chooseSnapshot(database, "auto");
    await snapshot.prepare();
    await snapshot.freeze();
    await sql(spoil);
    const seconds = await timed(() => snapshot.undo());
    console.log(`seconds of an undo in a Swarm: ${seconds.toFixed(1)}`);
    expect(await until("the next container", 60, () => database.container())).not.toBe(first);
    expect(await sql("SELECT count(*) FROM kept")).toBe("10000");
    await snapshot.discard();
  });
});
