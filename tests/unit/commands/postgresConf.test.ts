import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusePostgresSetting, renderPostgresConf } from "../../../infra/commands/postgresConf";
import { UserError } from "../../../infra/core/errors";
import { sizeEnvironment } from "../../../infra/config/sizing";
import { environment, machineOf, problemsOf } from "../config/given";

const sizing = sizeEnvironment(environment(), machineOf(4, "16 GB")).postgres;

/** The settings as PostgreSQL reads a file like ours; the last of several lines with one name counts. */
function read(conf: string): Record<string, string> {
  const lines = conf.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const match = /^([a-z_][a-z0-9_.]*) = (?:'((?:[^'\\]|''|\\\\)*)'|([\w.+-]+))$/.exec(line);
      expect(match, line).not.toBeNull();
      const [, name = "", quoted, bare = ""] = match ?? [];
      return [name, quoted === undefined ? bare : quoted.replaceAll("''", "'").replaceAll("\\\\", "\\")];
    }),
  );
}

describe("postgresql.conf", () => {
  it("has the figures for the machine", () => {
    // 16 GB - 1.6 GB, 60 %: PostgreSQL gets 224 MB and 35 % of what is left above 896 MB.
    expect(read(renderPostgresConf({ sizing, settings: {} }))).toMatchObject({
      max_connections: "290",
      shared_buffers: `${sizing.memoryBytes / 4 / 1024}kB`,
      effective_cache_size: `${(sizing.memoryBytes * 3) / 4 / 1024}kB`,
      maintenance_work_mem: `${sizing.memoryBytes / 16 / 1024}kB`,
      max_parallel_workers: "4",
      max_parallel_workers_per_gather: "2",
    });
  });

  it("is ready for backups and replicas, and for SSDs", () => {
    expect(read(renderPostgresConf({ sizing, settings: {} }))).toMatchObject({
      wal_level: "replica",
      max_wal_senders: "10",
      wal_compression: "lz4",
      random_page_cost: "1.1",
      jit: "off",
      client_connection_check_interval: "10s",
    });
  });

  it("lets a further setting win", () => {
    const conf = renderPostgresConf({
      sizing,
      settings: { work_mem: "99MB", jit: true, "pg_stat_statements.max": 500 },
    });
    expect(read(conf)).toMatchObject({ work_mem: "99MB", jit: "on", "pg_stat_statements.max": "500" });
  });

  it("keeps a text on its line, and as it is, or refuses it", () => {
    let kept = 0;
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("'", "\\", "a'\nfsync = off", "it's \\ '' x", "\\'"),
    );
    fc.assert(
      fc.property(text, (value) => {
        try {
          expect(read(renderPostgresConf({ sizing, settings: { cluster_name: value } })).cluster_name).toBe(value);
          kept += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect(value).toMatch(/[\p{Cc}\u2028\u2029]/u);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(kept).toBeGreaterThan(100);
  });
});

describe("a further setting", () => {
  it.each([
    ["fsync", "Without it a power cut destroys the database."],
    ["full_page_writes", "Without it a power cut destroys the database."],
    ["max_connections", "Use the key database.maxConnections."],
    ["archive_command", "Leave archive_command out."],
    ["data_directory", "Leave data_directory out."],
    ["include", "Leave include out."],
    ["hba_file", "Leave hba_file out."],
  ])("is refused where data or access hang on it: %s", (name, hint) => {
    expect(refusePostgresSetting(name)).toEqual({ expected: "a setting that this project does not set itself", hint });
    expect(problemsOf(() => renderPostgresConf({ sizing, settings: { [name]: "x" } }))).toEqual([
      expect.objectContaining({ path: `database.settings.${name}`, found: name }),
    ]);
  });

  it.each(["", "Work_Mem", "a b", "a\nfsync", "a=b", "a.b.c", "#a"])("is refused where it is no name: %j", (name) => {
    expect(refusePostgresSetting(name)?.expected).toBe("the name of a PostgreSQL setting in small letters");
  });

  it.each(["work_mem", "log_min_duration_statement", "shared_preload_libraries", "auto_explain.log_min_duration"])(
    "is taken: %s",
    (name) => {
      expect(refusePostgresSetting(name)).toBeUndefined();
    },
  );
});
