import { progress } from "../support/shell";
import type { ReleaseLab } from "../support/releaseLab";

/** A row takes an eighth of a page of 8 kB, with all that PostgreSQL keeps beside it. */
const rowBytes = 1024;

/** Rows of one statement. */
const batch = 262_144;

/** As in a real database, several tables are large: programs that work on some at a time can do so. */
const tables = [1, 2, 3, 4].map((number) => `bench_fill_${number}`);

/**
 * Brings the database to a size, with rows that hardly any compression makes smaller, and leaves it at rest. As most of a real
 * database is, they are of text: a dump would write bytes as twice as many digits.
 * @param lab The environment; may have been filled before, to a smaller size.
 * @param bytes The size, as `pg_database_size` tells it.
 * @param signal Ends it between two statements.
 */
export async function fill(lab: ReleaseLab, bytes: number, signal: AbortSignal): Promise<void> {
  const size = async () => Number(await lab.sql("SELECT pg_database_size(current_database())"));
  for (const table of tables) {
    // Odoo's role owns all tables.
    await lab.sql(`CREATE TABLE IF NOT EXISTS ${table} (id bigint, filling text); ALTER TABLE ${table} OWNER TO odoo`);
  }
  const rows = Math.max(0, Math.ceil((bytes - (await size())) / rowBytes));
  const share = Math.min(batch, Math.ceil(rows / tables.length));
  for (let filled = 0, turn = 0; filled < rows; filled += share, turn += 1) {
    signal.throwIfAborted();
    progress(`filling the database: ${Math.round((filled / rows) * 100)} %`);
    await add(lab, tables[turn % tables.length] ?? "", Math.min(share, rows - filled));
  }
  // Otherwise a vacuum and a checkpoint would come by themselves, in the middle of what is measured.
  for (const table of tables) await lab.sql(`VACUUM (FREEZE, ANALYZE) ${table}`);
  await lab.sql("CHECKPOINT");
  progress(`the database has ${((await size()) / 1024 ** 3).toFixed(2)} GiB`);
}

/** Adds rows to a table: new ones, and later the same again, which is faster. No program that compresses a stream looks back that far. */
async function add(lab: ReleaseLab, table: string, rows: number): Promise<void> {
  const known = Number(await lab.sql(`SELECT count(*) FROM (SELECT FROM ${table} LIMIT ${rows}) known`));
  if (known === rows) {
    await lab.sql(`INSERT INTO ${table} SELECT id, filling FROM ${table} LIMIT ${rows}`);
    return;
  }
  // 940 characters; below 2 kB a value stays in its row as it is.
  const hashes = Array.from({ length: 11 }, (_, part) => `sha512((g || '-${part}-${table}')::bytea)`);
  const filling = `translate(encode(${hashes.join(" || ")}, 'base64'), E'\\n', '')`;
  await lab.sql(`INSERT INTO ${table} SELECT g, ${filling} FROM generate_series(${known + 1}, ${known + rows}) g`);
}
