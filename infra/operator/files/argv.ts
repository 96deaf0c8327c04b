import { type Argv, onEngine } from "../../commands/docker";
import { labels } from "../../core/labels";
import { weights } from "../copy/argv";
import { listArgv } from "./listing";

/** Argument lists for what brings files from one place to another. Pure. */

/** Where files are brought from, and to. */
export interface FilesRoute {
  readonly stack: string;
  /** ID of the operator's image, which both machines have. */
  readonly image: string;
  /** The volume that has them, and the Engine of its machine; undefined for this machine. */
  readonly from: { readonly engine?: string; readonly volume: string };
  /** The volume that gets them, and where this process sees it. */
  readonly to: { readonly volume: string; readonly folder: string };
  /** Whether somebody works on the machine that they come from, who goes first. */
  readonly gentle: boolean;
}

/** Where containers have the volume that files come from, and the one that they go to. */
const [source, target] = ["/files", "/to"] as const;

/**
 * Runs a program in a container that sees the old files, and can't change them. Without a log: Docker would write all that goes
 * through to its own disk.
 */
function inContainer({ stack, image, from, gentle }: FilesRoute, volumes: readonly string[], program: Argv): Argv {
  const [entrypoint = "", ...rest] = program;
  return onEngine(from.engine, [
    ...["docker", "run", "--rm", "--init", "--interactive", "--network", "none", "--log-driver", "none"],
    ...Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...(gentle ? weights : []),
    ...["--volume", `${from.volume}:${source}:ro`, ...volumes.flatMap((volume) => ["--volume", volume])],
    ...["--workdir", source, "--entrypoint", entrypoint, image, ...rest],
  ]);
}

/** Lists the files at the old place, and at the new one. */
export const listThere = (route: FilesRoute): Argv => inContainer(route, [], listArgv);
export const listHere = ({ to }: FilesRoute): Argv => ["env", "--chdir", to.folder, ...listArgv];

/**
 * Packs files and folders whose names are on standard input, with their numeric owners. No file is packed as a link to another
 * one, and what vanishes meanwhile is left out. Times to the fraction of a second tell sessions apart.
 */
export const pack = (route: FilesRoute): Argv =>
  inContainer(
    route,
    [],
    [
      ...["tar", "--create", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner"],
      ...["--no-recursion", "--hard-dereference", "--ignore-failed-read", "--null", "--files-from=-"],
    ],
  );

/** Unpacks them at the new place. A file that is there already makes way for a new one: it may be a link. */
export const unpack = ({ to }: FilesRoute): Argv => [
  ...["tar", "--extract", "--directory", to.folder, "--numeric-owner", "--same-owner", "--preserve-permissions"],
];

/** Copies files whose names are on standard input to a volume of the same machine, sharing blocks where that works. */
export const copyAll = (route: FilesRoute): Argv =>
  inContainer(
    route,
    [`${route.to.volume}:${target}`],
    [
      ...["xargs", "--null", "--no-run-if-empty", "--max-args=500"],
      ...["cp", "--no-dereference", "--preserve=mode,ownership,timestamps", "--reflink=auto", "--remove-destination"],
      ...["--verbose", "--parents", `--target-directory=${target}`, "--"],
    ],
  );

/**
 * Makes files of a kept set from others at the new place whose names are on standard input, as a release makes a set: sharing
 * blocks where that works, else by links inside the volume, since Odoo never changes a file.
 */
export const copyTwins = (
  { to }: FilesRoute,
  twins: { readonly from: string; readonly to: string },
  link: boolean,
): Argv => [
  ...["env", "--chdir", `${to.folder}/${twins.from}`, "xargs", "--null", "--no-run-if-empty", "--max-args=500"],
  ...["cp", "--archive", link ? "--link" : "--reflink=always", "--remove-destination", "--parents"],
  ...[`--target-directory=${to.folder}/${twins.to}`, "--"],
];

/** Removes files and folders at the new place whose names are on standard input. */
export const removeAll = ({ to }: FilesRoute): Argv => [
  ...["env", "--chdir", to.folder, "xargs", "--null", "--no-run-if-empty", "--max-args=500", "rm", "-rf", "--"],
];

const sums: Argv = ["xargs", "--null", "--no-run-if-empty", "sha1sum", "--"];

/** Checksums of files at the new place, and at the old one, whose names are on standard input. */
export const sumsHere = ({ to }: FilesRoute): Argv => ["env", "--chdir", to.folder, ...sums];
export const sumsThere = (route: FilesRoute): Argv => inContainer(route, [], sums);
