/** Argument lists for the `docker` command. Pure: nothing here runs anything. */

/** A list of arguments, the program first. */
export type Argv = readonly string[];

/** A command as it reaches an Engine. @param engine As `DOCKER_HOST` names it; undefined for the own one. */
export function onEngine(engine: string | undefined, [program = "docker", ...rest]: Argv): Argv {
  return engine ? [program, "--host", engine, ...rest] : [program, ...rest];
}

/** Between an Engine and the ID of a container there. */
const separator = "#";

/** A container on a machine, by which commands here know where it is. @param engine undefined for the own one. */
export const inEngine = (engine: string | undefined, id: string): string =>
  engine ? `${engine}${separator}${id}` : id;

/** A container's Engine, where it is not the own one, and its ID there. */
export function containerAt(container: string): { readonly engine?: string; readonly id: string } {
  const at = container.lastIndexOf(separator);
  return at === -1 ? { id: container } : { engine: container.slice(0, at), id: container.slice(at + 1) };
}

/**
 * A command about a container, as it reaches the machine that the container is on.
 * @param container As {@link inEngine} names it; an ID or name is one on the own machine.
 * @param argv Makes the command from the ID.
 */
export function onContainer(container: string, argv: (id: string) => Argv): Argv {
  const { engine, id } = containerAt(container);
  return onEngine(engine, argv(id));
}

/** Everything the Engine says of itself, as JSON. */
export const info = (): Argv => ["docker", "info", "--format", "{{json .}}"];

/** The volumes that carry a label, one JSON object a line. */
export const volumesWithLabel = (label: string): Argv => [
  ...["docker", "volume", "ls", "--filter", `label=${label}`],
  ...["--format", "{{json .}}"],
];

/** IDs of the running containers (of all, with `all`; of those of a `health`) that carry every one of the labels. */
export const containersWithLabels = (labels: readonly string[], all = false, health?: "healthy"): Argv => [
  ...["docker", "ps", "--quiet", "--no-trunc", ...(all ? ["--all"] : [])],
  ...(health ? ["--filter", `health=${health}`] : []),
  ...labels.flatMap((label) => ["--filter", `label=${label}`]),
];

/** Runs a command in a running container; with `stdin`, standard input is passed on. */
export const exec = (container: string, command: Argv, stdin = false): Argv =>
  onContainer(container, (id) => ["docker", "exec", ...(stdin ? ["--interactive"] : []), id, ...command]);

/**
 * Makes the Engine the only node of a new Swarm.
 * @param advertise The IP address that others may join it at; with 127.0.0.1 nobody can: its traffic stays on the machine.
 */
export const swarmInit = (advertise: string): Argv => [
  ...["docker", "swarm", "init", "--advertise-addr", advertise],
  // The address that others use need not be one of the machine's own.
  ...["--listen-addr", advertise === "127.0.0.1" ? `${advertise}:2377` : "0.0.0.0:2377"],
];

/** Takes the Engine out of its Swarm; `--force` because it is the Swarm's only manager. */
export const swarmLeave = (): Argv => ["docker", "swarm", "leave", "--force"];

/** Where a one-off container runs, and with what. */
export interface JobSpec {
  readonly name: string;
  /** An image ID or tag. */
  readonly image: string;
  readonly network: string;
  /** `volume:path` pairs. */
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** More options of `docker run`, such as limits. @default none */
  readonly options?: Argv;
  /** The program to run in it. */
  readonly command: Argv;
}

/**
 * Runs a one-off container that is removed when it ends; its input comes on standard input. `--init`, because a program
 * that is the first process of its container would not be ended by signals.
 */
export const runJob = (job: JobSpec): Argv => [
  ...["docker", "run", "--rm", "--init", "--interactive", "--name", job.name, "--network", job.network],
  ...job.volumes.flatMap((volume) => ["--volume", volume]),
  ...Object.entries(job.labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
  ...(job.options ?? []),
  job.image,
  ...job.command,
];

/** Sets how many containers a service has, and returns at once. */
export const scaleService = (service: string, replicas: number): Argv => [
  ...["docker", "service", "update", "--detach", "--replicas", String(replicas), service],
];

/** Names of the services that carry every one of the labels. */
export const servicesWithLabels = (labels: readonly string[]): Argv => [
  ...["docker", "service", "ls", "--format", "{{.Name}}"],
  ...labels.flatMap((label) => ["--filter", `label=${label}`]),
];

/** Replaces a service's containers by new ones of the same kind, and returns at once. */
export const restartService = (service: string): Argv => [
  ...["docker", "service", "update", "--detach", "--force", service],
];

/** Prints where the Engine has a volume. */
export const mountpoint = (volume: string): Argv => [
  ...["docker", "volume", "inspect", "--format", "{{.Mountpoint}}", volume],
];

/** Options of a volume that is a folder of its machine: https://docs.docker.com/reference/cli/docker/volume/create/#opt */
export const folderOptions = (path: string) => ({ type: "none", o: "bind", device: path }) as const;

/** Prints the folder that a volume is; nothing for one of Docker's own. */
export const volumeFolder = (volume: string): Argv => [
  ...["docker", "volume", "inspect", "--format", "{{with .Options}}{{with .device}}{{.}}{{end}}{{end}}", volume],
];

/** Makes a volume. @param path A folder of the machine that it is. @default Docker's own */
export const createVolume = (name: string, labels: Readonly<Record<string, string>>, path?: string): Argv => [
  ...["docker", "volume", "create"],
  ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
  ...Object.entries(path === undefined ? {} : folderOptions(path)).flatMap(([key, value]) => [
    "--opt",
    `${key}=${value}`,
  ]),
  name,
];
