import { type Argv } from "../commands/docker";
import { labels } from "../core/labels";

/**
 * Argument lists for a trial: a copy of an environment's data on a network without a way out, and what runs on it. Pure.
 */

/** Names of what a trial is made of; one trial of a stack at a time. */
export interface TrialNames {
  readonly network: string;
  readonly postgres: string;
  readonly odoo: string;
  /** Copies the database. */
  readonly copier: string;
  /** Volume with the copied cluster. */
  readonly data: string;
  /** Volume with files that were written meanwhile. */
  readonly changes: string;
  /** Volume that shows the environment's files with those changes on top. */
  readonly files: string;
}

/** The names of a stack's trial. */
export const trialNames = (stack: string): TrialNames => ({
  network: `${stack}-trial`,
  postgres: `${stack}-trial-postgres`,
  odoo: `${stack}-trial-odoo`,
  copier: `${stack}-trial-copier`,
  data: `${stack}-trial-data`,
  changes: `${stack}-trial-changes`,
  files: `${stack}-trial-files`,
});

const labelOptions = (stack: string): Argv =>
  Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]);

/** A quarter of the weight that containers have by default: the environment itself comes first. */
const weights: Argv = ["--cpu-shares", "256"];

/** A network on which nothing but the trial's containers can be reached. */
export const createNetwork = (stack: string): Argv => [
  ...["docker", "network", "create", "--internal", ...labelOptions(stack)],
  trialNames(stack).network,
];

/** An empty volume. */
export const createVolume = (stack: string, name: string): Argv => [
  ...["docker", "volume", "create", ...labelOptions(stack)],
  name,
];

/** Folders of the volume with changes: what was written, and what overlayfs needs for itself. */
const upper = "upper";
const work = "work";

/** Makes the folders for changes, as the user that owns the files. */
export const prepareChanges = (stack: string, image: string): Argv => [
  ...["docker", "run", "--rm", "--network", "none", "--user", "0", ...labelOptions(stack)],
  ...["--volume", `${trialNames(stack).changes}:/changes`, image],
  ...["sh", "-c", `mkdir -p /changes/${upper} /changes/${work} && chown odoo:odoo /changes/${upper}`],
];

/**
 * A volume that shows an environment's files, and keeps what is written to it apart: no file is copied, and none of the
 * environment's can be changed. See `docker volume create`, driver `local`, and mount(8), overlay.
 * @param files Where the Engine has the environment's files.
 * @param changes Where it has the volume with changes.
 */
export const createFiles = (stack: string, files: string, changes: string): Argv => [
  ...["docker", "volume", "create", ...labelOptions(stack), "--driver", "local"],
  ...["--opt", "type=overlay", "--opt", "device=overlay"],
  ...["--opt", `o=lowerdir=${files},upperdir=${changes}/${upper},workdir=${changes}/${work}`],
  trialNames(stack).files,
];

/** The image, by ID, that a container runs. */
export const imageOf = (container: string): Argv => ["docker", "inspect", "--format", "{{.Image}}", container];

/** What the copy of a cluster is unpacked with, and its options; `$0` is the whole command. */
const unpack = 'mkdir -m 0700 "$PGDATA" && tar --extract --directory "$PGDATA"';

/**
 * Copies a running cluster into the trial's volume, on the machine that both are on: production goes on meanwhile, and the
 * data does not leave the machine.
 * @param operator ID of the image that has the `docker` command.
 * @param server The container of the running cluster.
 * @param postgres ID of its image.
 */
export const copyCluster = (stack: string, operator: string, server: string, postgres: string): Argv => {
  const backup = "pg_basebackup --pgdata - --format tar --wal-method fetch --checkpoint fast --no-manifest";
  const receive =
    `docker run --rm --interactive --network none --user postgres --entrypoint sh ` +
    `--volume '${trialNames(stack).data}:/var/lib/postgresql/odoo-stacks' '${postgres}' -c '${unpack}'`;
  // Without pipefail a backup that breaks off would pass for a whole one.
  const script = `set -o pipefail; docker exec --user postgres '${server}' ${backup} --username postgres | ${receive}`;
  return [
    ...["docker", "run", "--rm", "--name", trialNames(stack).copier, ...labelOptions(stack), ...weights],
    ...["--volume", "/var/run/docker.sock:/var/run/docker.sock", "--entrypoint", "bash", operator, "-c", script],
  ];
};

/** Settings of a server whose data is thrown away: nothing waits for the disk. */
const careless = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "archive_mode=off"];

/** Starts a server on the copied cluster, under the name that Odoo's configuration has for the database's host. */
export const startPostgres = (stack: string, postgres: string, host: string): Argv => {
  const { network, postgres: name, data } = trialNames(stack);
  return [
    ...["docker", "run", "--detach", "--init", "--name", name, ...labelOptions(stack), ...weights],
    ...["--network", network, "--network-alias", host, "--memory", "1g", "--shm-size", "256m"],
    ...["--volume", `${data}:/var/lib/postgresql/odoo-stacks`, "--user", "postgres", "--entrypoint", "sh", postgres],
    ...["-c", `exec postgres -D "$PGDATA" ${careless.map((setting) => `-c ${setting}`).join(" ")}`],
  ];
};

/** Whether a server takes connections; exit code 0 says so. */
export const isReady = (server: string): Argv => [
  "docker",
  "exec",
  "--user",
  "postgres",
  server,
  "pg_isready",
  "--quiet",
];

/** Runs a Python program in an Odoo image on the trial's data; its input comes on standard input. */
export const runOdoo = (stack: string, image: string, source: string): Argv => {
  const { network, odoo, files } = trialNames(stack);
  return [
    ...["docker", "run", "--rm", "--interactive", "--init", "--name", odoo, ...labelOptions(stack), ...weights],
    ...["--network", network, "--memory", "4g", "--pids-limit", "1024", "--security-opt", "no-new-privileges"],
    // The image's own check asks a web server, whose answers tests would count as their own.
    "--no-healthcheck",
    ...["--volume", `${files}:/var/lib/odoo`, "--entrypoint", "python3", image, "-c", source],
  ];
};
