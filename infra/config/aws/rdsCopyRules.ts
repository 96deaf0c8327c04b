import type { Problem } from "../../core/errors";
import type { EnvironmentConfig } from "../schema";
import { longestCopied } from "./rdsCopyName";
import type { OnRds } from "./rdsWishes";

/** What of an environment on RDS that is a copy of another one can't be as it is in a container, or on an instance with data of its own. */
export function rdsCopyRules({ database, release, restore }: OnRds): Problem[] {
  if (!restore) return [];
  const { rds, name } = database;
  const snapshot = ["latest", "automated"].includes(restore.snapshot) ? undefined : restore.snapshot;
  const none = "nothing where restore is given and database.kind is rds";
  const given = [
    ["restore.snapshot", snapshot, "latest or automated where database.kind is rds", "No sets are kept on RDS."],
    [
      "restore.method",
      restore.method === "auto" ? undefined : restore.method,
      none,
      "A copy is restored from a snapshot.",
    ],
    ["restore.keepFormer", restore.keepFormer || undefined, none, "The former instance goes when the new one serves."],
    ["database.rds.identifier", rds.identifier, none, "Each copy is an instance with a name of its own."],
    ["database.rds.multiAz", rds.multiAz || undefined, none, "A copy is made anew instead."],
    ["database.rds.logicalReplication", rds.logicalReplication || undefined, none, "A copy is made anew instead."],
    [
      "database.rds.sharing",
      rds.sharing.length > 0 ? rds.sharing.join(", ") : undefined,
      none,
      "Share the environment that it is a copy of.",
    ],
    ["database.rds.replica", rds.replica ? "a replica" : undefined, none, "A copy is made anew instead."],
    [
      "release.snapshot",
      release.snapshot === "pitr" ? "pitr" : undefined,
      "auto or rds where restore is given",
      "A copy has no backups that it could be taken back to.",
    ],
    ["database.name", name.length > longestCopied ? name : undefined, `${longestCopied} characters at most`, copyHint],
  ] as const;
  return given.flatMap(([path, value, expected, hint]) =>
    value === undefined ? [] : [{ path, expected, found: `"${String(value)}"`, hint }],
  );
}

const copyHint = "Each copy's database has six characters and a hyphen more.";

/** What there is of a snapshot on RDS alone. */
export function withoutRdsSnapshot({ restore }: EnvironmentConfig): Problem[] {
  if (restore?.snapshot !== "automated") return [];
  const expected = "latest, a set's ID or a time where database.kind is container";
  return [{ path: "restore.snapshot", expected, found: '"automated"', hint: "Backups of RDS alone are automated." }];
}
