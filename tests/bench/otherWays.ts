import type { Beside } from "./beside";

/** A way to copy production that is not this project's. */
export interface OtherWay {
  /** As the table names it. */
  readonly name: string;
  /** What has to be there before; is not measured. */
  prepare(beside: Beside): Promise<unknown>;
  /** The parts of the work, one after the other; afterwards a server runs on the copy. */
  readonly parts: Readonly<Record<string, (beside: Beside) => Promise<unknown>>>;
}

/**
 * A dump, two tables at a time, into an empty database of a server that has been started before, and without the statistics
 * that planning queries takes. Neither waits for the disk, nor does what it is compared with.
 */
export const dumpRestore: OtherWay = {
  name: "pg_dump and pg_restore",
  prepare: (beside) =>
    beside.run(`
      initdb --pgdata /copy/pgdata --username postgres --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 \\
        --locale C.UTF-8 --data-checksums --no-sync >/dev/null
      start
      psql $own -d postgres -Xqc "CREATE ROLE odoo" -c "CREATE DATABASE odoo OWNER odoo TEMPLATE template0"`),
  parts: {
    dump: (beside) =>
      beside.run("pg_dump $production -d odoo --format directory --jobs 2 --compress lz4 --no-sync --file /copy/dump"),
    restore: (beside) => beside.run("pg_restore $own -d odoo --jobs 2 --exit-on-error /copy/dump"),
    files: (beside) => beside.copyFiles(),
  },
};

/** The files of the whole server, as it sends them, and a start on them. Does not wait for the disk either. */
export const baseBackup: OtherWay = {
  name: "pg_basebackup",
  prepare: () => Promise.resolve(),
  parts: {
    database: (beside) =>
      beside.run("pg_basebackup $production --pgdata /copy/pgdata --checkpoint fast --wal-method stream --no-sync"),
    files: (beside) => beside.copyFiles(),
    open: (beside) => beside.run(`start; psql $own -d odoo -XAtc "SELECT 1"`),
  },
};
