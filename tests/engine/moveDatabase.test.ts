import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exec } from "../../infra/commands/docker";
import { run } from "../../infra/core/exec";
import { ensureImage } from "../../infra/images";
import * as argv from "../../infra/operator/move/argv";
import { scramVerifier } from "../../infra/operator/move/scram";
import * as sql from "../../infra/operator/move/sql";
import { psql } from "../../infra/operator/psql";
import { Containers } from "../support/containers";
import { docker, removeNamed } from "../support/docker";
import { PostgresServer } from "../support/postgresServer";
import { sh } from "../support/shell";
import { until } from "../support/until";

/**
 * What a move does to PostgreSQL, in the order of infra/operator/move/machines.ts, with both volumes on one machine: the copy
 * under load, the end of the old server, the start of the new one.
 */
const label = "odoo-stacks.test=move";
const containers = new Containers("move");
const prefix = `move${randomBytes(3).toString("hex")}`;
const secrets = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
const password = randomBytes(24).toString("hex");
const copy = argv.moveNames(prefix).copy;
const volumes = { old: `${prefix}-old`, new: `${prefix}-new` };
const loggedIn = "first-password";
let image: string;
let old: PostgresServer;
let successor: PostgresServer;

beforeAll(async () => {
  image = (await ensureImage("postgres", (line) => console.log(line))).id;
  await containers.createNetwork();
  const options = { image, network: containers.network, label, secrets };
  old = new PostgresServer(`${prefix}-old-server`, volumes.old, options);
  successor = new PostgresServer(`${prefix}-new-server`, volumes.new, options);
  for (const volume of Object.values(volumes)) await docker("volume", "create", "--label", label, volume);
});
afterAll(async () => {
  await removeNamed(prefix);
  await containers.removeAll();
  rmSync(secrets, { recursive: true, force: true });
});

/** Starts the old server, under the name that Odoo knows. */
async function serve(): Promise<void> {
  await old.start();
  await docker("network", "disconnect", containers.network, old.name);
  await docker("network", "connect", "--alias", "database", containers.network, old.name);
}

const inCopy = (...command: readonly string[]) =>
  run(exec(copy, argv.moveCommand(...command)), { timeoutSeconds: 120 });

/** Makes the copy and has it follow. */
async function follow(): Promise<void> {
  await psql(old.name, "postgres", sql.admitSql(scramVerifier(password)));
  await run(argv.startCopy(prefix, image, containers.network, volumes.new));
  await run(exec(copy, argv.moveCommand("copy"), true), { input: `${password}\n`, timeoutSeconds: 120 });
  await inCopy("follow");
  const ask = ["psql", "-XAtq", "-U", "postgres", "-c", sql.followsSql];
  await until("the copy to follow", 60, async () => (await sh(exec(copy, ask))).stdout.trim() === "t");
}

async function settle(): Promise<void> {
  const position = (await psql(old.name, "postgres", sql.checkpointSql)).trim();
  await psql(copy, "postgres", sql.followCheckpointSql(position, 60));
}

/** Ends the old server in some way; says in which state its cluster is then. */
async function end(how: readonly string[]): Promise<string> {
  const ended = run(argv.awaitEnd(prefix, image, volumes.old), { timeoutSeconds: 60 });
  // Docker would start it again.
  await docker("update", "--restart", "no", old.name);
  await docker(...how, old.name);
  return ended;
}

async function forget(): Promise<void> {
  await sh(["docker", "rm", "--force", copy, successor.name]);
  await docker("volume", "rm", volumes.new);
  await docker("volume", "create", "--label", label, volumes.new);
}

describe("a database that is moved", () => {
  it("loses nothing of what was written while it was copied, and lets nobody in before that was found out", async () => {
    await serve();
    await docker("exec", "--user", "postgres", old.name, "pgbench", "-i", "-q", "-s", "5", "prod");
    await old.sql(`CREATE TABLE public."We'ird:|na\\me" (a int); INSERT INTO public."We'ird:|na\\me" VALUES (1), (2);
      CREATE TABLE entries (n int); ALTER TABLE entries OWNER TO odoo`);
    const load = ["pgbench", "--no-vacuum", "--client", "2", "--time", "120", "prod"];
    await docker("exec", "--detach", "--user", "postgres", old.name, ...load);
    await follow();
    const tables = (await psql(copy, "prod", sql.tablesSql)).trim().split("\n");
    const names = tables.map((line) => JSON.parse(line) as string);
    expect(names).toContain(`public."We'ird:|na\\me"`);
    // The biggest come last.
    expect(names.at(-1)).toBe("public.pgbench_accounts");
    await sh(["docker", "exec", old.name, "sh", "-c", "kill $(grep -l '^pgbench' /proc/[0-9]*/comm | cut -d / -f 3)"]);
    expect((await old.overNetwork("INSERT INTO entries VALUES (1)", loggedIn)).exitCode).toBe(0);
    await settle();

    const before = sql.parseAnswer(await psql(old.name, "prod", sql.freezeSql(names, 5)));
    expect(before.rows.size).toBe(names.length);
    expect((await old.overNetwork("INSERT INTO entries VALUES (2)", loggedIn)).stderr).toMatch(/too many connections/);

    const ended = await end(["stop", "--time", "60"]);
    // The new server's container is started before its cluster is there.
    await successor.create();
    const waits = async () => (await sh(["docker", "logs", successor.name])).all.includes("waiting for another server");
    await until("the new server to wait", 30, waits);
    await inCopy("finish", sql.shutdownPosition(ended), "20");
    await successor.answers();

    const after = sql.parseAnswer(await psql(successor.name, "prod", sql.verifySql(names, 10)));
    expect(sql.compare(before, after, names.length)).toMatchObject({ compared: names.length, tables: names.length });
    expect((await successor.overNetwork("SELECT 1", loggedIn)).stderr).toMatch(/too many connections/);
    await psql(successor.name, "postgres", sql.letInSql("prod", -1));
    expect((await successor.overNetwork("INSERT INTO entries VALUES (3) RETURNING n", loggedIn)).stdout.trim()).toMatch(
      /^3/,
    );
    await psql(successor.name, "postgres", sql.dismissSql());
    const left =
      "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'odoo_stacks%' UNION ALL SELECT count(*) FROM pg_replication_slots";
    expect(await successor.sql(left)).toBe("0\n0");
    // Like any other cluster: on the same line of time, and nothing in it leads back.
    expect(await successor.sql("SELECT timeline_id FROM pg_control_checkpoint()")).toBe("1");
    expect(await successor.sql("SELECT current_setting('primary_conninfo')")).toBe("");
    expect(await successor.files()).toEqual(["pgdata"]);
    await forget();
  }, 180_000);

  it("stays where it is when its server ended in another way, with all that was written", async () => {
    await docker("start", old.name);
    await old.answers();
    await psql(old.name, "postgres", sql.letInSql("prod", -1));
    await follow();
    expect((await old.overNetwork("INSERT INTO entries VALUES (4)", loggedIn)).exitCode).toBe(0);
    const ended = await end(["kill"]);
    expect(() => sql.shutdownPosition(ended)).toThrow('its cluster is "in production"');
    await successor.create();
    await sh(["docker", "rm", "--force", copy]);
    // Without the copy's end there is no cluster, and none is made.
    await until("the new server to refuse", 30, async () =>
      (await sh(["docker", "logs", successor.name])).all.includes("no whole cluster"),
    );
    await forget();
    await docker("start", old.name);
    await old.answers();
    expect(await old.sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM entries")).toBe("1 4");
    await psql(old.name, "postgres", sql.dismissSql());
  }, 180_000);

  it("shows its password to nobody, and the role can do nothing but copy", async () => {
    await follow();
    const inspected = await docker("inspect", copy);
    const processes = await docker(
      "exec",
      copy,
      "sh",
      "-c",
      "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '",
    );
    const onDisk = await sh([
      "docker",
      "exec",
      copy,
      "grep",
      "--recursive",
      "--files-with-matches",
      password,
      "/var/lib/postgresql",
    ]);
    const logs = (await sh(["docker", "logs", old.name])).all;
    expect([inspected, processes, logs].filter((text) => text.includes(password))).toEqual([]);
    expect(onDisk.stdout).toBe("");
    const url = (database: string, more = "") =>
      `postgresql://odoo_stacks_move:${password}@database/${database}${more}`;
    const connect = (target: string) => sh(exec(copy, ["psql", "-XAtc", "IDENTIFY_SYSTEM", target]));
    expect((await connect(url("prod"))).stderr).toMatch(/pg_hba.conf rejects connection/);
    expect((await connect(url("prod", "?replication=true"))).stdout).toMatch(/^\d+\|1\|/);
    await sh(["docker", "rm", "--force", copy]);
    await psql(old.name, "postgres", sql.dismissSql());
  }, 180_000);
});
