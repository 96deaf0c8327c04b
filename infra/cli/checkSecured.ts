import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { UserError } from "../core/errors";
import { findLeft, type Left } from "../operator/copy/leftovers";
import { databaseContainer } from "./containers";
import type { CommonOptions } from "./display";
import { findEnvironment, openEnvironment, requireReleased } from "./environment";
import type { StackFile } from "./stacks";
import { columns } from "./table";
import { projectDir } from "./workspace";

/** What `check-secured` is asked for. */
export interface CheckSecuredOptions extends CommonOptions {
  readonly stack: string;
}

/**
 * Looks in a copy for what tells of people in the environment that it is a copy of; changes nothing in either. Exits with 1
 * when it finds any. What the configuration keeps on purpose, such as testers' addresses, is not looked for.
 */
export async function checkSecured(options: CheckSecuredOptions): Promise<void> {
  const file = findEnvironment(projectDir(), options.stack);
  if (!file.source) {
    throw new UserError(`${file.name} is not a copy of another environment.`, [
      { path: "odoo-stacks:restore", expected: "restore.source", found: "none" },
    ]);
  }
  const [source, copy] = await Promise.all([placeOf(file.source), placeOf(file.name)]);
  const left = await findLeft(source, copy, exclusionsOf(file));
  if (options.json) console.log(JSON.stringify({ stack: file.name, source: file.source, left }));
  else for (const line of leftLines(file, left)) console.log(line);
  if (left.length > 0) process.exitCode = 1;
}

async function placeOf(stack: string): Promise<{ postgres: string; database: string }> {
  const environment = await openEnvironment(stack, (line) => console.error(line));
  const { current } = await requireReleased(environment);
  return { postgres: (await databaseContainer(stack)).id, database: current.plan.database };
}

/** What the configuration keeps on purpose. */
function exclusionsOf({ file }: StackFile) {
  const document = parseDocument(readFileSync(file, "utf8"));
  const read = (...path: string[]): unknown => {
    const found: unknown = document.getIn(["config", ...path], true);
    return found && typeof found === "object" && "toJSON" in found ? (found as { toJSON(): unknown }).toJSON() : found;
  };
  const list = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  return {
    testers: list(read("odoo-stacks:restore", "testers")),
    columns: list(read("odoo-stacks:restore", "obfuscate", "keep")),
    emails: list([read("odoo-stacks:admin", "email")]),
  };
}

/** What was found, for people. */
export function leftLines({ name, source }: Pick<StackFile, "name" | "source">, left: readonly Left[]): string[] {
  if (left.length === 0) {
    return [`Nothing of ${source ?? ""} was found in ${name}: no e-mail address, IBAN or phone number.`];
  }
  const rows = left.map(({ table, column, kind, count, example }) => [table, column, kind, String(count), example]);
  return [
    `Found in ${name}, as in ${source ?? ""}:`,
    ...columns([["TABLE", "COLUMN", "KIND", "VALUES", "SUCH AS"], ...rows]),
    "Name the columns under restore.obfuscate.add, then: npx odoo-stacks refresh-staging -s " + name,
  ];
}
