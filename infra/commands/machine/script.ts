import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The source of a script that runs on a machine, without its ending; it goes to a shell's standard input. */
export const readScript = (name: string): Promise<string> => readFile(join(__dirname, `${name}.sh`), "utf8");

/** What tells a script from its other versions: where it is another one, it has to run again. */
export const scriptVersion = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(join(__dirname, `${name}.sh`)))
    .digest("hex")
    .slice(0, 12);

/** Lines that set variables of a shell, whatever is in them. */
export const shellVariables = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join("\n");
