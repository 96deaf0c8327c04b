import type { Argv } from "../../commands/docker";
import { labels } from "../../core/labels";
import { volumePath } from "../copy/argv";

/** Argument lists for what moves a database. Pure. */

/** Names of the containers that a move of a stack's database is made with. */
export const moveNames = (stack: string) => ({
  /** On the machine that it goes to: makes the copy, and follows. */
  copy: `${stack}-move`,
  /** On the machine that it is on: waits until the server has ended. */
  end: `${stack}-move-end`,
});

/** Memory limit of the container that makes the copy; its cache counts as well, and gives way. */
const copyMemory = "2g";

/** In the postgres image; its head says what its commands do. */
const script = "/opt/odoo-stacks/move.sh";

/** A command of the script, in a container of the postgres image. */
export const moveCommand = (...command: readonly string[]): Argv => [script, ...command];

const labelOptions = (all: Readonly<Record<string, string>>): Argv =>
  Object.entries(all).flatMap(([key, value]) => ["--label", `${key}=${value}`]);

/** Options of `docker run` that the containers have in common. */
const common = (stack: string, name: string): Argv => [
  ...["--init", "--name", name, ...labelOptions(labels(stack, "job"))],
  // The image's own check asks for the server of the environment.
  ...["--no-healthcheck", "--log-opt", "max-size=10m"],
];

/** Makes a volume. */
export const createVolume = (name: string, volumeLabels: Readonly<Record<string, string>>): Argv => [
  ...["docker", "volume", "create", ...labelOptions(volumeLabels), name],
];

/** Says how many bytes are free in a volume, then the name of a file that is in it, if there is one. */
export const lookInto = (stack: string, image: string, volume: string): Argv => [
  ...["docker", "run", "--rm", ...common(stack, moveNames(stack).copy), "--network", "none"],
  ...["--volume", `${volume}:${volumePath}`, "--entrypoint", "sh", image],
  ...["-c", `df --block-size=1 --output=avail ${volumePath} | tail -n 1 && ls -A ${volumePath} | head -n 1`],
];

/** Starts the container in which the copy is made. Swarm's server on the volume waits for it. */
export const startCopy = (stack: string, image: string, network: string, volume: string): Argv => [
  ...["docker", "run", "--detach", ...common(stack, moveNames(stack).copy)],
  ...["--network", network, "--memory", copyMemory, "--shm-size", "256m"],
  ...["--tmpfs", "/run/odoo-stacks-move:mode=0700", "--volume", `${volume}:${volumePath}`],
  ...["--entrypoint", script, image, "hold"],
];

/** Waits until no server runs on a volume, and says in which state its cluster is then. */
export const awaitEnd = (stack: string, image: string, volume: string): Argv => [
  ...["docker", "run", "--rm", ...common(stack, moveNames(stack).end), "--network", "none"],
  ...["--volume", `${volume}:${volumePath}:ro`, "--entrypoint", script, image, "ended"],
];

/** Waits, in a server's container, until it takes connections from the network. */
export const awaitServer = (seconds: number): Argv => [
  ...["timeout", String(seconds), "sh", "-c", "until pg_isready --quiet --host 127.0.0.1; do sleep 0.1; done"],
];

/** Exit code of {@link awaitReach} when the time is over. */
export const unreached = 3;

/** Waits, in a container of Odoo's image, until the name `database` leads to a server that takes connections. */
export const awaitReach = (seconds: number): Argv => [
  ...["python3", "-c"],
  [
    "import socket, sys, time",
    `deadline = time.monotonic() + ${seconds}`,
    "while True:",
    "    try:",
    "        sys.exit(socket.create_connection(('database', 5432), 1).close())",
    "    except OSError:",
    "        if time.monotonic() > deadline:",
    `            sys.exit(${unreached})`,
    "        time.sleep(0.1)",
  ].join("\n"),
];
