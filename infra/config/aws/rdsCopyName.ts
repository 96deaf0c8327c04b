import { createHash } from "node:crypto";

/** What tells a copy from the one before it. */
export interface CopyWish {
  readonly source: string;
  readonly snapshot: string;
  readonly refresh?: string;
}

/** So much of what a person has written is found again in names. */
const readable = 20;

/** Names of a copy of a database on RDS: another wish has other ones, so that both can be there. */
export interface RdsCopyName {
  /** Part of the names of what AWS has of it: small letters, digits and single hyphens. */
  readonly name: string;
  /** Name of its database. Odoo keeps the files of each database apart, by its name. */
  readonly database: string;
}

/**
 * Names a copy after what was asked for.
 * @param database Name of the environment's database.
 */
export function rdsCopyName({ source, snapshot, refresh = "" }: CopyWish, database: string): RdsCopyName {
  const hash = createHash("sha256")
    .update(JSON.stringify([source, snapshot, refresh]))
    .digest("hex")
    .slice(0, 6);
  const words = refresh
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, readable)
    .replaceAll(/^-+|-+$/g, "");
  return { name: words === "" ? hash : `${words}-${hash}`, database: `${database}-${hash}` };
}

/** A database's name may have so many characters that a copy's still fits into PostgreSQL's 63. */
export const longestCopied = 63 - "-1a2b3c".length;
