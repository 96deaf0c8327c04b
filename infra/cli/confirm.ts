import { createInterface } from "node:readline/promises";
import { UserError } from "../core/errors";

/** Something that a person has to agree to. */
export interface Question {
  /** What would happen, as a sentence that begins with `This`. */
  readonly what: string;
  /** What has to be typed; undefined asks for a plain yes. */
  readonly name?: string;
  /** The same command for scripts, which nobody can be asked in. */
  readonly command: string;
}

/**
 * Asks a person to agree: with yes, or by typing a name where data is at stake.
 * @throws UserError when they do not, or when there is nobody to ask.
 */
export async function confirm({ what, name, command }: Question): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UserError(what, [
      { path: "--yes", expected: "the flag, where nobody can be asked", found: "nothing", hint: command },
    ]);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const typed = (await terminal.question(`${what} ${name ? `Type ${name} to go on` : "Go on? [y/N]"}: `)).trim();
  terminal.close();
  if (name ? typed === name : /^y(es)?$/i.test(typed)) return;
  throw new UserError(name ? "Nothing was done: another name was typed." : "Nothing was done.");
}
