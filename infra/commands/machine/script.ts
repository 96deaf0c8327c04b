import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const textOf = (name: string): string => readFileSync(join(__dirname, `${name}.sh`), "utf8");

/** The scripts that run on a machine, each in the order of its parts; it goes to a shell's standard input. */
const scripts = {
  prepare: ["disk", "prepare"],
  peers: ["peers"],
  cloudwatch: ["cloudwatch"],
  userData: ["disk", "userData"],
  efs: ["efs"],
} as const;

/** The source of a script. */
export const readScript = (name: keyof typeof scripts): string => scripts[name].map(textOf).join("");

/** What tells a script from its other versions: where it is another one, it has to run again. */
export const scriptVersion = (name: keyof typeof scripts): string =>
  createHash("sha256").update(readScript(name)).digest("hex").slice(0, 12);

/** Lines that set variables of a shell, whatever is in them. */
export const shellVariables = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join("\n");

/** What an instance of AWS is to do at its first start. */
export interface UserData {
  readonly region: string;
  /** Whether it is reached through Session Manager. */
  readonly agent: boolean;
  /** ID of the volume with its data. */
  readonly volume: string;
}

/** The script that an instance of AWS is made with: https://cloudinit.readthedocs.io/en/latest/explanation/format.html */
export const userData = ({ region, agent, volume }: UserData): string =>
  [
    "#!/bin/sh",
    shellVariables({ REGION: region, AGENT: agent ? "yes" : "no", VOLUME: volume }),
    readScript("userData"),
  ].join("\n");
