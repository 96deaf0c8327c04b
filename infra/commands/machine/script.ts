import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The source of a script that runs on a machine, without its ending; it goes to a shell's standard input. */
export const readScript = (name: string): Promise<string> => readFile(join(__dirname, `${name}.sh`), "utf8");

/** Lines that set variables of a shell, whatever is in them. */
export const shellVariables = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join("\n");
