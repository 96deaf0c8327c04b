import { UserError } from "../../../core/errors";
import { conditions, definitions, emptiedTables, type FieldKind, namedLike, personalData } from "../fields";
import type { ObfuscationKind } from "../obfuscateSql";
import { secretTables, secretTargets } from "../secrets";
import type { Schema } from "./schema";
import type { Target } from "./updateSql";

/** What a stack's file says about personal data, beside the built-in list. */
export interface ObfuscationWishes {
  /** `table.column` → kind; goes before the built-in list. */
  readonly add: Readonly<Record<string, ObfuscationKind>>;
  /** `table.column` that stay as they are; secrets do not. */
  readonly keep: readonly string[];
}

/** What is replaced in a database. */
export interface Targets {
  /** By table. */
  readonly tables: ReadonlyMap<string, readonly Target[]>;
  /** `table.column` that were wished for and are not in the database. */
  readonly unknown: readonly string[];
}

/** The built-in list, as `table.column` → kind. */
export const builtIn: ReadonlyMap<string, FieldKind> = new Map(
  personalData
    .trim()
    .split(/\n\s*\n|\n {2}(?! )/)
    .flatMap((entry) => {
      const [table = "", ...columns] = entry.trim().split(/\s+/);
      return columns.map((column): [string, FieldKind] => {
        const [name = "", kind = ""] = column.split(":");
        return [`${table}.${name}`, kind as FieldKind];
      });
    }),
);

/**
 * Finds the columns of a database that are replaced: secrets, the built-in list, what is wished for, and columns of any table
 * whose name says that they hold an address or a number of a person.
 * @param testers Logins of users that keep their password.
 * @throws UserError when a wish names a secret's column to be kept.
 */
export function findTargets(schema: Schema, wishes: ObfuscationWishes, testers: readonly string[]): Targets {
  const secrets = secretTargets(schema, testers);
  const emptied = new Set([...emptiedTables, ...secretTables]);
  const tables = new Map<string, readonly Target[]>();
  const isSecret = (table: string, column: string) =>
    secrets.get(table)?.some((target) => target.column === column) === true;
  const kept = wishes.keep.filter((path) => isSecret(...split(path)));
  if (kept.length > 0) {
    const problem = { expected: "columns with personal data", found: `${kept.join(", ")}, which hold secrets` };
    throw new UserError("Secrets can't be kept in a copy.", [{ path: "obfuscate.keep", ...problem }]);
  }
  for (const [table, { columns, wizard }] of schema) {
    if (emptied.has(table) || wizard) continue;
    const personal = [...columns].flatMap(([column, { type }]): Target[] => {
      const path = `${table}.${column}`;
      if (isSecret(table, column) || (wishes.keep.includes(path) && !(path in wishes.add))) return [];
      const listed = wishes.add[path] ?? builtIn.get(path);
      if (listed) return [{ column, kind: listed, ...(conditions[path] ? { when: conditions[path] } : {}) }];
      return type === "text" && !definitions.test(table) ? named(column) : [];
    });
    const all = [...(secrets.get(table) ?? []), ...personal];
    if (all.length > 0) tables.set(table, all);
  }
  const unknown = [...Object.keys(wishes.add), ...wishes.keep].filter((path) => {
    const [table, column] = split(path);
    return !schema.get(table)?.columns.has(column);
  });
  return { tables, unknown };
}

function named(column: string): Target[] {
  const like = namedLike.find(({ pattern }) => pattern.test(column));
  return like ? [{ column, kind: like.kind, when: like.when.replaceAll("$", () => `"${column}"`) }] : [];
}

function split(path: string): [string, string] {
  const [table = "", column = ""] = path.split(".");
  return [table, column];
}
