import { randomBytes } from "node:crypto";
import { UserError } from "../../core/errors";
import { attempt, run } from "../../core/exec";
import { onEngine } from "../docker";
import type { StepModule } from "../step";

/** A folder that several machines have in common. */
export interface SharedFolderInput {
  /** The machines: what the platform calls them, and their Engines as `DOCKER_HOST` names them. */
  readonly machines: readonly { readonly name: string; readonly dockerHost: string }[];
  /** The folder, on each of them. */
  readonly path: string;
  /** ID of an image that all of them have, with a shell. */
  readonly image: string;
  /** Numeric user and group that the folder is given to while nothing is in it. */
  readonly uid: number;
  readonly gid: number;
}

/** Changes on a shared file system show on the other machines within this, in seconds; NFS keeps names for 3 to 60 s (nfs(5), acdirmin). */
const shownSeconds = 70;

/** Makes sure that a folder is there on all machines and is one: what is written on the first is read on the others. */
export const step: StepModule<SharedFolderInput, Record<string, never>> = {
  async apply(input) {
    const [first, ...others] = input.machines;
    if (!first) return {};
    for (const { name, dockerHost } of input.machines) await requireFolder(name, dockerHost, input);
    const word = randomBytes(8).toString("hex");
    const file = `/shared/.odoo-stacks-${word}`;
    const empty = `[ -n "$(ls -A /shared)" ] || chown ${input.uid}:${input.gid} /shared`;
    await run(inFolder(first.dockerHost, input, `${empty}; printf %s ${word} >${file}`), { timeoutSeconds: 60 });
    try {
      for (const { name, dockerHost } of others)
        await requireFile(name, dockerHost, input, { file, word, on: first.name });
    } finally {
      await attempt(inFolder(first.dockerHost, input, `rm -f ${file}`), { timeoutSeconds: 60 });
    }
    return {};
  },
  // What is in it goes with whoever owns the file system.
  remove: () => Promise.resolve(),
};

/** A shell's commands in a container that sees the folder. */
const inFolder = (dockerHost: string, { path, image }: SharedFolderInput, script: string): readonly string[] =>
  onEngine(dockerHost, [
    ...["docker", "run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "sh"],
    // Unlike --volume, it makes no folder where there is none.
    ...["--mount", `type=bind,source=${path},target=/shared`, image, "-ec", script],
  ]);

async function requireFolder(name: string, dockerHost: string, input: SharedFolderInput): Promise<void> {
  const { exitCode, stderr } = await attempt(inFolder(dockerHost, input, "true"), { timeoutSeconds: 120 });
  if (exitCode === 0) return;
  if (!/bind source path does not exist/.test(stderr)) throw new Error(stderr.trim());
  throw new UserError("The files can't be where the configuration has them.", [
    {
      path: "filestore.path",
      expected: `a folder ${input.path} on ${name}`,
      found: "none",
      hint: `Mount it on ${name}; it must be the same folder on ${input.machines.map((machine) => machine.name).join(", ")}.`,
    },
  ]);
}

async function requireFile(
  name: string,
  dockerHost: string,
  input: SharedFolderInput,
  { file, word, on }: { file: string; word: string; on: string },
): Promise<void> {
  // Where names are not kept in a cache, it shows at once.
  const tries = `$(grep -q ' /shared nfs' /proc/mounts && echo ${shownSeconds * 2} || echo 6)`;
  const script = `for try in $(seq ${tries}); do [ "$(cat ${file} 2>/dev/null)" = ${word} ] && exit 0; sleep 0.5; done; exit 1`;
  const { exitCode } = await attempt(inFolder(dockerHost, input, script), { timeoutSeconds: shownSeconds + 60 });
  if (exitCode === 0) return;
  throw new UserError("The files can't be where the configuration has them.", [
    {
      path: "filestore.path",
      expected: `one folder that ${on} and ${name} have in common`,
      found: `two: a file written to ${input.path} on ${on} is not there on ${name}`,
      hint: "Mount the same network file system at this path on all machines with the role production.",
    },
  ]);
}
