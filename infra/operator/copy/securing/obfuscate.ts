import { randomBytes } from "node:crypto";
import type { Report } from "../../../core/report";
import { type KeptValues, prepareSession } from "../obfuscateSql";
import { psql } from "../../psql";
import type { Obfuscated } from "../securedReport";
import type { Schema } from "./schema";
import { countSql, type Target, updateSql } from "./updateSql";

/** So many sessions work at a time, as many as a small machine has processors. */
const sessions = 3;
/** Tables below this many bytes share a session: most are empty or nearly so. */
const smallTable = 4 * 1024 ** 2;
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
  // Nobody keeps it: without it no replacement can be compared with a guess.
  const prepare = prepareSession(randomBytes(32).toString("hex"), kept);
  const done: Obfuscated[] = [];
  const waits = (tables: readonly Target[]) => tables.some(({ kind }) => kind === "partnerDisplay");
  const work = async (names: readonly string[]) => {
    const sql = names.map((name) => {
      const [table, columns] = [schema.get(name), targets.get(name)];
      return table && columns ? `${countSql(name, table, columns)}\n${updateSql(name, table, columns)}` : "";
    });
    const large = names.length === 1 ? (schema.get(names[0] ?? "")?.bytes ?? 0) : 0;
    if (large > 256 * 1024 ** 2)
      report(`Replacing personal data in ${names.join()} (${(large / 1024 ** 3).toFixed(1)} GB).`);
    const lines = await psql(postgres, database, prepare + sql.join("\n"), timeoutSeconds);
    done.push(
      ...lines
        .split("\n")
        .filter(Boolean)
        .flatMap((line) => counted(line, targets)),
    );
  };
  // What shows a partner's name waits until partners have their new ones.
  for (const second of [false, true]) {
    const names = [...targets].filter(([, columns]) => waits(columns) === second).map(([name]) => name);
    await inParallel(batches(names, schema), work);
  }
  return done.sort((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0));
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
