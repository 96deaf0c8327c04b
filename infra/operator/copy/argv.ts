import { type Argv, onEngine } from "../../commands/docker";
import { labels } from "../../core/labels";
import { copyFolders } from "./plan";
import type { RdsServerPlan } from "./rdsPlan";

/** Argument lists for what a copy is secured with: a server and jobs on a network without a way out. Pure. */

/** Names of what a copy of a stack is made with; one copy of a stack at a time. */
export const copyNames = (stack: string) => ({
  network: `${stack}-copy`,
  postgres: `${stack}-copy-postgres`,
  odoo: `${stack}-copy-odoo`,
  modules: `${stack}-copy-modules`,
  /** On the machine with the source's files. */
  files: `${stack}-copy-files`,
  /** On the machine with the own files, while they are brought from another platform. */
  arriving: `${stack}-copy-arriving`,
});

/** The name of the folder, in the volume of the own database, of a copy that is being made. */
export const newCluster = "incoming.new";

/** Where the postgres image has its volume. */
export const volumePath = "/var/lib/postgresql/odoo-stacks";

const labelOptions = (stack: string): Argv =>
  Object.entries(labels(stack, "job")).flatMap(([key, value]) => ["--label", `${key}=${value}`]);

/** An eighth of the weight that containers have by default: whoever works on this machine comes first. */
export const weights: Argv = ["--cpu-shares", "128"];

/** A network on which nothing but the copy's containers can be reached. */
export const createNetwork = (stack: string): Argv => [
  ...["docker", "network", "create", "--internal", ...labelOptions(stack)],
  copyNames(stack).network,
];

/**
 * Settings of a server that nobody works with yet: nothing waits for the disk, since a copy that is cut off is made again, and
 * whole tables are written anew. The log stays one that a server can recover from when the copy is put in place.
 */
const settings: Readonly<Record<string, string>> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  archive_mode: "off",
  autovacuum: "off",
  checkpoint_timeout: "1h",
  max_wal_size: "8GB",
  shared_buffers: "256MB",
  work_mem: "64MB",
  jit: "off",
  shared_preload_libraries: "",
  logging_collector: "off",
  log_statement: "none",
  log_min_duration_statement: "-1",
};

/** Starts a server on the copy, under the name `database`. */
export const startPostgres = (stack: string, image: string, volume: string): Argv => {
  const { network, postgres } = copyNames(stack);
  const options = Object.entries(settings).map(([key, value]) => `-c ${key}='${value}'`);
  return [
    ...["docker", "run", "--detach", "--init", "--name", postgres, ...labelOptions(stack), ...weights],
    ...["--network", network, "--network-alias", "database", "--memory", "2g", "--shm-size", "512m"],
    // The image's own check asks for the server of the environment.
    ...["--no-healthcheck", "--volume", `${volume}:${volumePath}`, "--user", "postgres", "--entrypoint", "sh", image],
    ...["-c", `exec postgres -D ${volumePath}/${newCluster} ${options.join(" ")}`],
  ];
};

/** Where a client of a copy on RDS keeps what it is told: in memory, and gone with it. */
const secretFolder = "/secret";

/** The `postgres` user and group inside the image. */
const postgresUser = "999";

/** Starts a container from which psql reaches a copy on RDS; nothing secret is in what it is started with. */
export const startClient = (
  stack: string,
  { host, port, role, network, client }: Omit<RdsServerPlan, "password" | "trust">,
  database: string,
): Argv => {
  const env = {
    ...{ PGHOST: host, PGPORT: String(port), PGUSER: role, PGDATABASE: database, PGSSLMODE: "verify-full" },
    ...{ PGSSLROOTCERT: `${secretFolder}/trust.pem`, PGPASSFILE: `${secretFolder}/pgpass`, PGCONNECT_TIMEOUT: "15" },
  };
  return [
    ...["docker", "run", "--detach", "--init", "--name", copyNames(stack).postgres, ...labelOptions(stack), ...weights],
    ...["--network", network, "--memory", "512m", "--user", `${postgresUser}:${postgresUser}`, "--read-only"],
    ...["--cap-drop", "ALL", "--no-healthcheck"],
    ...["--tmpfs", `${secretFolder}:mode=0700,uid=${postgresUser},gid=${postgresUser}`],
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...["--entrypoint", "sleep", client, "infinity"],
  ];
};

/** Run in that container: keeps a line for PostgreSQL's password file and certificates, from standard input. */
export const keepSecrets: Argv = [
  ...["sh", "-c", `umask 077; cd "$0"; IFS= read -r line; printf '%s\\n' "$line" >pgpass; cat >trust.pem`],
  secretFolder,
];

/** What it reads: https://www.postgresql.org/docs/17/libpq-pgpass.html */
export const clientSecrets = ({ password, trust }: Pick<RdsServerPlan, "password" | "trust">): string =>
  `*:*:*:*:${password.replaceAll(/[\\:]/g, String.raw`\$&`)}\n${trust}`;

/** Runs a Python program in an Odoo image on the copy; its input comes on standard input. */
export const runOdoo = (
  stack: string,
  image: string,
  files: string,
  source: string,
  network = copyNames(stack).network,
): Argv => {
  const { odoo } = copyNames(stack);
  return [
    ...["docker", "run", "--rm", "--interactive", "--init", "--name", odoo, ...labelOptions(stack), ...weights],
    ...["--network", network, "--memory", "4g", "--pids-limit", "1024", "--security-opt", "no-new-privileges"],
    ...["--no-healthcheck", "--volume", `${files}:/var/lib/odoo`, "--entrypoint", "python3", image, "-c", source],
  ];
};

/** Files on a machine that this process is not on. */
export interface FilesElsewhere {
  /** The environment that the copy is for. */
  readonly stack: string;
  /** The machine's Engine, as `DOCKER_HOST` names it. */
  readonly engine: string;
  /** ID of an image that the machine has, with the command's program: the operator's. */
  readonly image: string;
  readonly volume: string;
}

/**
 * Runs a command on the machine with the source's files, which are where an operator on that machine would see them. What it
 * prints is not logged there, and what it reads does not drive the source's own data out of the machine's memory.
 */
export const inFiles = (files: FilesElsewhere, command: Argv): Argv =>
  besideFiles(files, copyNames(files.stack).files, `${files.volume}:${copyFolders.source.files}:ro`, command);

/** The same on the machine with the own files, which are where the operator sees them, and which it can write to. */
export const inOwnFiles = (files: FilesElsewhere, command: Argv): Argv =>
  besideFiles(files, copyNames(files.stack).arriving, `${files.volume}:${copyFolders.own.files}`, command);

const besideFiles = (
  { stack, engine, image }: FilesElsewhere,
  name: string,
  mount: string,
  [program = "", ...rest]: Argv,
): Argv =>
  onEngine(engine, [
    ...["docker", "run", "--rm", "--interactive", "--init", "--name", name, ...labelOptions(stack)],
    ...[...weights, "--memory", "512m", "--network", "none", "--log-driver", "none"],
    ...["--volume", mount, "--entrypoint", program, image, ...rest],
  ]);

/** Ends such commands that were left behind, with what they have not removed themselves. */
export const endInFiles = (stack: string, engine: string): Argv =>
  onEngine(engine, ["docker", "rm", "--force", copyNames(stack).files]);
/** The same on the machine with the own files. */
export const endInOwnFiles = (stack: string, engine: string): Argv =>
  onEngine(engine, ["docker", "rm", "--force", copyNames(stack).arriving]);

/** Prints a file of an image. */
export const readFileOf = (image: string, path: string): Argv => [
  ...["docker", "run", "--rm", "--network", "none", "--entrypoint", "cat", image, path],
];
