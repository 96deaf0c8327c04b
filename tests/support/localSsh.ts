import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Stands before ssh: what is asked of machines, none of which are there, this one answers. */
const ssh = `#!/bin/sh
case " $* " in *" -O "*) exit 0 ;; esac
while [ "$1" != "--" ]; do shift; done
shift 2
unset DOCKER_HOST
exec sh -c "$*"
`;

/**
 * Puts a program in the place of ssh that runs every command on this machine.
 * @param folder Where it is kept.
 * @param path The `PATH` that there is.
 * @returns a `PATH` on which it is found first.
 */
export function withLocalSsh(folder: string, path: string | undefined): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "ssh"), ssh, { mode: 0o755 });
  return [bin, path].join(delimiter);
}
