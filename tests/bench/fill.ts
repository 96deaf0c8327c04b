import { progress } from "../support/shell";
import type { ReleaseLab } from "../support/releaseLab";

/** A row takes an eighth of a page of 8 kB, with all that PostgreSQL keeps beside it. */
const rowBytes = 1024;

/** Rows of one statement. */
const batch = 262_144;

/**
 * Brings the database to a size, with a table of rows that no compression makes smaller, and leaves it at rest.
 * @param lab The environment.
 * @param bytes The size, as `pg_database_size` tells it.
 * @param signal Ends it between two statements.
 */
export async function fill(lab: ReleaseLab, bytes: number, signal: AbortSignal): Promise<void> {
  const size = async () => Number(await lab.sql("SELECT pg_database_size(current_database())"));
  const rows = Math.max(0, Math.ceil((bytes - (await size())) / rowBytes));
  // 15 × 64 bytes; below 2 kB a value stays in its row as it is.
  const hashes = Array.from({ length: 15 }, (_, part) => `sha512((g || '-${part}')::bytea)`).join(" || ");
  await lab.sql("CREATE TABLE bench_fill (id bigint, filling bytea)");
  for (let first = 1; first <= rows; first += batch) {
    signal.throwIfAborted();
    progress(`filling the database: ${Math.round((first / rows) * 100)} %`);
    const last = Math.min(rows, first + batch - 1);
    await lab.sql(`INSERT INTO bench_fill SELECT g, ${hashes} FROM generate_series(${first}, ${last}) g`);
  }
  // Otherwise a vacuum and a checkpoint would come by themselves, in the middle of what is measured.
  await lab.sql("VACUUM (FREEZE, ANALYZE) bench_fill");
  await lab.sql("CHECKPOINT");
  progress(`the database has ${((await size()) / 1024 ** 3).toFixed(2)} GiB`);
}
