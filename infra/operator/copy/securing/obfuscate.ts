import { randomBytes } from "node:crypto";
import type { Report } from "../../../core/report";
import { type KeptValues, prepareSession } from "../obfuscateSql";
import { psql } from "../../psql";
import type { Obfuscated } from "../securedReport";
import type { Schema, Table } from "./schema";
import { countSql, type Target, updateSql } from "./updateSql";

/** So many sessions work at a time, as many as a small machine has processors. */
const sessions = 3;
/** Tables below this many bytes share a session: most are empty or nearly so. */
const smallTable = 4 * 1024 ** 2;
/** A table of more than this many bytes is said to be at work, because it takes long. */
const toldTable = 256 * 1024 ** 2;
/** The longest that one table may take. */
const timeoutSeconds = 4 * 3600;

/**
 * Replaces the values of all targets, several tables at a time.
 * @param postgres The running postgres container.
 * @param database The database's name.
 * @param schema Its tables.
 * @param targets What to replace, by table.
 * @param kept Values that stay.
 * @param report Receives a line for each table that takes long.
 */
export async function obfuscate(
  postgres: string,
  database: string,
  schema: Schema,
  targets: ReadonlyMap<string, readonly Target[]>,
  kept: KeptValues,
  report: Report,
): Promise<Obfuscated[]> {
  const done: Obfuscated[] = [];
  const count = async (names: readonly string[]) => {
    const lines = await psql(postgres, database, sqlFor(countSql, names, schema, targets), timeoutSeconds);
    done.push(
      ...lines
        .split("\n")
        .filter(Boolean)
        .flatMap((line) => counted(line, targets)),
    );
  };
  await inParallel(batches([...targets.keys()], schema), count);
  // Only what has values: a table without any is not touched.
  const filled = new Map<string, Target[]>();
  for (const [name, all] of targets) {
    const some = all.filter(({ column }) => done.some((one) => one.table === name && one.column === column));
    if (some.length > 0) filled.set(name, some);
  }
  // Nobody keeps it: without it no replacement can be compared with a guess.
  const prepare = prepareSession(randomBytes(32).toString("hex"), kept);
  const replace = async (names: readonly string[]) => {
    const large = names.length === 1 ? (schema.get(names[0] ?? "")?.bytes ?? 0) : 0;
    if (large > toldTable) report(`Replacing personal data in ${names.join()} (${(large / 1024 ** 3).toFixed(1)} GB).`);
    await psql(postgres, database, prepare + sqlFor(updateSql, names, schema, filled), timeoutSeconds);
  };
  // What shows a partner's name waits until partners have their new ones.
  const waits = (all: readonly Target[]) => all.some(({ kind }) => kind === "partnerDisplay");
  for (const second of [false, true]) {
    const names = [...filled].filter(([, all]) => waits(all) === second).map(([name]) => name);
    await inParallel(batches(names, schema), replace);
  }
  return done.sort((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0));
}

/** The SQL for some tables. */
function sqlFor(
  make: (name: string, table: Table, targets: readonly Target[]) => string,
  names: readonly string[],
  schema: Schema,
  targets: ReadonlyMap<string, readonly Target[]>,
): string {
  const parts = names.map((name) => {
    const [table, columns] = [schema.get(name), targets.get(name)];
    return table && columns ? make(name, table, columns) : "";
  });
  return parts.join("\n");
}

/** Large tables alone, the largest first; all small ones together. */
function batches(names: readonly string[], schema: Schema): string[][] {
  const bytes = (name: string) => schema.get(name)?.bytes ?? 0;
  const large = names.filter((name) => bytes(name) >= smallTable).sort((a, b) => bytes(b) - bytes(a));
  const small = names.filter((name) => bytes(name) < smallTable);
  return [...large.map((name) => [name]), ...(small.length > 0 ? [small] : [])];
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(sessions, items.length) }, worker));
}

/** A line that `countSql` prints. */
function counted(line: string, targets: ReadonlyMap<string, readonly Target[]>): Obfuscated[] {
  const [table, ...rows] = JSON.parse(line) as [string, ...number[]];
  return (targets.get(table) ?? []).flatMap(({ column, kind }, index) => {
    const count = rows[index] ?? 0;
    return count > 0 ? [{ table, column, kind, rows: count }] : [];
  });
}
