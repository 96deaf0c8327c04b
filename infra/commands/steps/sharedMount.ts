import { UserError } from "../../core/errors";
import { attemptOn, connect } from "../../ssh/connect";
import { explainFailure } from "../../ssh/failure";
import type { Machine } from "../../ssh/machine";
import { readScript, shellVariables } from "../machine/script";
import type { StepModule } from "../step";

/** A file system of Amazon EFS, and where a machine is to have it. */
export interface SharedMountInput {
  readonly machine: Machine;
  /** Its DNS name: `fs-….efs.REGION.amazonaws.com`. */
  readonly address: string;
  /** Absolute path of an empty folder, which is made where it is not there. A change mounts it there as well. */
  readonly path: string;
  /** Folders that are made in it where they are not there: names of letters, digits, hyphens and underscores. */
  readonly folders: readonly string[];
  /** What the script is that mounts it: another one is run again. */
  readonly script: string;
}

/** Where the settings of the encrypted connection are: readable for the user that it runs as, unlike `/etc/odoo-stacks`. */
const folder = "/etc/odoo-stacks-efs";
/** The port of the machine itself that the connection begins at: the first that Amazon's mount helper would take. */
const tlsPort = 20_049;
/** Packages, and three attempts to mount it. In seconds. */
const mountSeconds = 1200;
/** What the script says by this exit code is meant for people. */
const refused = 65;

/**
 * Mounts a file system of Amazon EFS on a machine, with TLS by stunnel, and has it mounted at every start. On delete it is left as it
 * is: files that are in use can't be taken away.
 */
export const step: StepModule<SharedMountInput, Record<string, never>> = {
  async apply({ machine, address, path, folders }, report) {
    if (!/^\/[\w./-]*[\w-]$/.test(path)) throw wrongPath(machine, path);
    await connect(machine);
    const variables = shellVariables({
      ...{ ADDRESS: address, MOUNT_POINT: path, FOLDERS: folders.join(" "), TLS_PORT: String(tlsPort), PAUSE: "10" },
      ...{ AUTHORITIES: "/etc/ssl/certs/ca-certificates.crt", FOLDER: folder, UNITS: "/etc/systemd/system" },
    });
    const shell = machine.user === "root" ? "sh -s" : "sudo -n sh -s";
    const input = `${variables}\n${readScript("efs")}`;
    const { exitCode, stderr } = await attemptOn(machine, shell, { input, report, timeoutSeconds: mountSeconds });
    if (exitCode === 255) throw explainFailure(machine, stderr);
    if (exitCode !== 0) throw failure(machine, address, exitCode, stderr);
    return {};
  },
  remove: () => Promise.resolve(),
};

const wrongPath = ({ name }: Machine, path: string): UserError =>
  new UserError(`The files can't be mounted on ${name}.`, [
    {
      path: "filestore.path",
      expected: "an absolute path of letters, digits, dots, underscores and hyphens",
      found: path,
    },
  ]);

function failure({ name }: Machine, address: string, exitCode: number, stderr: string): UserError {
  const lines = stderr.trim().split("\n");
  return new UserError(`The files can't be mounted on ${name}.`, [
    {
      path: address,
      expected: "a mount that ends well",
      found: lines.slice(exitCode === refused ? -1 : -10).join("\n"),
    },
  ]);
}
