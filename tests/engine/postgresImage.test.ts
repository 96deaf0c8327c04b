import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silent } from "../../infra/core/report";
import { ensureImage } from "../../infra/images";
import { Containers, inspect, logs } from "../support/containers";
import { docker } from "../support/docker";
import { must, sh } from "../support/shell";
import { until } from "../support/until";

const containers = new Containers("postgres-image");
const secrets = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
const dataDir = "/var/lib/postgresql/odoo-stacks";
let image: string;

/** A file with a password, readable for the server's user as a Swarm secret is. */
function secretFile(password: string): string {
  const file = join(secrets, password);
  writeFileSync(file, password);
  chmodSync(file, 0o444);
  return file;
}

const options = (volume: string, password: string) => ({
  image,
  alias: "database",
  env: { DATABASE: "prod" },
  volumes: [`${volume}:${dataDir}`, `${secretFile(password)}:/run/secrets/odoo_password:ro`],
});

/** Starts a server on a volume and waits until it is healthy. */
async function serve(volume: string, password = "first-password"): Promise<string> {
  const container = await containers.start(options(volume, password));
  await containers.healthy(container, 60);
  return container;
}

/** Runs SQL as the superuser, inside the container. */
const superuser = async (container: string, sql: string, database = "prod"): Promise<string> => {
  const argv = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database];
  return (await must(["docker", "exec", "--interactive", container, ...argv], { input: sql })).stdout.trim();
};

/** Runs SQL as a role with a password, from another container on the network. */
const overNetwork = (sql: string, password: string, role = "odoo", database = "prod") =>
  containers.runToEnd({
    image,
    env: { PGPASSWORD: password },
    command: ["psql", "-XAtq", "-h", "database", "-U", role, "-d", database, "-c", sql],
  });

/** Does something to a volume that no server runs on. */
const onVolume = (volume: string, script: string) =>
  docker("run", "--rm", "--volume", `${volume}:/data`, "--entrypoint", "sh", image, "-ec", script);

beforeAll(async () => {
  image = (await ensureImage("postgres", silent)).id;
  await containers.createNetwork();
});
// One server at a time: they all are `database` on the network.
afterEach(() => containers.stopAll());
afterAll(async () => {
  await containers.removeAll();
  rmSync(secrets, { recursive: true, force: true });
});

describe("the PostgreSQL image", () => {
  it("makes a cluster with one role and its one database", async () => {
    const container = await serve(await containers.volume());
    const ask = (sql: string) => superuser(container, sql);
    expect(await ask("SELECT current_setting('data_checksums'), current_setting('server_encoding')")).toBe("on|UTF8");
    const role = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = 'odoo'";
    expect(await ask(role)).toBe("f|f|f|f");
    const database = `SELECT datdba::regrole, datlocprovider, datlocale, has_database_privilege('pg_monitor', oid, 'CONNECT')
      FROM pg_database WHERE datname = 'prod'`;
    expect(await ask(database)).toBe("odoo|b|C.UTF-8|f");
    expect(await ask("SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension")).toBe(
      "pg_trgm plpgsql unaccent",
    );
    expect(await docker("exec", container, "stat", "--format", "%U %a", `${dataDir}/pgdata`)).toBe("postgres 700");
    for (const tool of ["pgbackrest", "restic"]) await docker("exec", container, tool, "version");
  });

  it("lets in over the network the role with its password, and nobody else", async () => {
    await serve(await containers.volume());
    expect((await overNetwork("SELECT 1", "first-password")).stdout.trim()).toBe("1");
    expect((await overNetwork("SELECT 1", "wrong")).all).toMatch(/password authentication failed for user "odoo"/);
    expect((await overNetwork("SELECT 1", "", "postgres")).all).toMatch(/pg_hba.conf rejects connection/);
    // Odoo's bus and its scheduled actions use it.
    expect((await overNetwork("SELECT 1", "first-password", "odoo", "postgres")).stdout.trim()).toBe("1");
  });

  it("shows its password nowhere", async () => {
    const container = await serve(await containers.volume(), "very-secret-word");
    const seen = [
      await inspect(container, "{{json .}}"),
      await logs(container),
      await docker("top", container, "-eo", "pid,args"),
    ];
    // The file's name holds it in this test, so only what follows a slash may.
    expect(seen.join("\n").replaceAll(/\/very-secret-word\b/g, "")).not.toContain("very-secret-word");
    const verifier = await superuser(container, "SELECT rolpassword FROM pg_authid WHERE rolname = 'odoo'");
    expect(verifier).toMatch(/^SCRAM-SHA-256\$/);
  });

  it("stops cleanly, and finds its data again after that and after being killed", async () => {
    const container = await serve(await containers.volume());
    await superuser(container, "CREATE TABLE kept (what text); INSERT INTO kept VALUES ('before')");
    await docker("stop", container);
    expect(await inspect(container, "{{.State.ExitCode}}")).toBe("0");
    expect(await logs(container)).toContain("database system is shut down");
    await docker("start", container);
    await containers.healthy(container, 60);
    await superuser(container, "INSERT INTO kept VALUES ('after')");
    await docker("kill", container);
    await docker("start", container);
    await containers.healthy(container, 60);
    expect(await logs(container)).toMatch(/was not shut down[^]*automatic recovery in progress/);
    expect(await superuser(container, "SELECT string_agg(what, ' ') FROM kept")).toBe("before after");
  });

  it("does not run twice on one volume", async () => {
    const volume = await containers.volume();
    const first = await serve(volume);
    const second = await containers.start(options(volume, "first-password"));
    await until("the second to wait", 30, async () => (await logs(second)).includes("waiting for another server"));
    await superuser(first, "CREATE TABLE kept ()");
    await docker("stop", first);
    await containers.healthy(second, 60);
    expect(await superuser(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'")).toBe("1");
  });

  it("takes a rotated password from its next start on", async () => {
    const volume = await containers.volume();
    await docker("rm", "--force", await serve(volume));
    await serve(volume, "second-password");
    expect((await overNetwork("SELECT 1", "second-password")).stdout.trim()).toBe("1");
    expect((await overNetwork("SELECT 1", "first-password")).all).toMatch(/password authentication failed/);
  });

  it("begins again when its first start was interrupted", async () => {
    const volume = await containers.volume();
    const first = await containers.start(options(volume, "first-password"));
    await until("the cluster to be half made", 30, () =>
      sh(["docker", "exec", first, "test", "-e", `${dataDir}/pgdata.new/PG_VERSION`]).then(
        ({ exitCode }) => exitCode === 0,
      ),
    );
    await docker("kill", first);
    await docker("rm", first);
    expect(await onVolume(volume, "ls /data")).toBe("pgdata.new");
    const second = await serve(volume);
    expect(await logs(second)).toContain("an earlier start was interrupted");
    expect(await onVolume(volume, "ls /data")).toBe("pgdata");
  });

  it("takes a volume that belongs to another user", async () => {
    const volume = await containers.volume();
    await docker("rm", "--force", await serve(volume));
    await onVolume(volume, "chown -R 101:101 /data");
    const container = await serve(volume);
    expect(await logs(container)).toContain("giving the files");
  });

  it("takes its settings from the file that is mounted", async () => {
    const file = join(secrets, "odoo-stacks.conf");
    writeFileSync(file, "work_mem = '7MB'\nlog_statement = 'all'\n", { mode: 0o644 });
    const given = options(await containers.volume(), "third-password");
    const container = await containers.start({
      ...given,
      volumes: [...given.volumes, `${file}:/etc/postgresql/odoo-stacks.conf:ro`],
    });
    await containers.healthy(container, 60);
    expect(await superuser(container, "SHOW work_mem")).toBe("7MB");
    // Not even where every statement is logged.
    expect((await logs(container)).toLowerCase()).not.toContain("alter role odoo");
  });

  it("makes databases whose dumps restore anywhere, with their indexes on unaccent", async () => {
    const container = await serve(await containers.volume());
    const index = "CREATE INDEX words_index ON words USING gin (unaccent(word) gin_trgm_ops)";
    const made = await overNetwork(
      `CREATE TABLE words (word text); INSERT INTO words VALUES ('crème'); ${index}`,
      "first-password",
    );
    expect(made.exitCode).toBe(0);
    const script =
      "createdb -U postgres -T template0 copy && pg_dump -U postgres prod | psql -Xq -v ON_ERROR_STOP=1 -U postgres copy";
    await docker("exec", container, "sh", "-c", script);
    const found = "SET enable_seqscan = off; SELECT word FROM words WHERE unaccent(word) ILIKE unaccent('%CREME%')";
    expect(await superuser(container, found, "copy")).toBe("crème");
    expect(
      await superuser(container, `SET enable_seqscan = off; EXPLAIN ${found.split("; ")[1] ?? ""}`, "copy"),
    ).toContain("words_index");
  });

  it.each([
    [
      "a cluster of another version",
      "mkdir /data/pgdata; echo 16 > /data/pgdata/PG_VERSION",
      /made by PostgreSQL 16 and this is 17/,
    ],
    ["files that are no cluster of ours", "echo 17 > /data/PG_VERSION", /no whole cluster/],
  ])("refuses %s and changes nothing", async (_, script, message) => {
    const volume = await containers.volume();
    await onVolume(volume, script);
    const before = await onVolume(volume, "find /data -type f | xargs md5sum");
    const { exitCode, all } = await containers.runToEnd(options(volume, "first-password"));
    expect(all).toMatch(message);
    expect(exitCode).toBe(78);
    expect(await onVolume(volume, "find /data -type f | xargs md5sum")).toBe(before);
  });

  it.each([
    ["its database's name", (given: ReturnType<typeof options>) => ({ ...given, env: {} }), /DATABASE is not set/],
    [
      "its password",
      (given: ReturnType<typeof options>) => ({ ...given, volumes: given.volumes.slice(0, 1) }),
      /odoo_password is missing/,
    ],
  ])("refuses to start without %s", async (_, without, message) => {
    const { exitCode, all } = await containers.runToEnd(without(options(await containers.volume(), "first-password")));
    expect(all).toMatch(message);
    expect(exitCode).toBe(78);
  });
});
