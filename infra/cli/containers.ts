import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import { inEngine, onEngine } from "../commands/docker";
import { otherEngines } from "../swarm/engines";
import { labelPrefix, type Role } from "../core/labels";

/** One of our containers, as Docker lists it. */
export interface Container {
  /** Its ID, with its Engine where it is on another machine: see `inEngine`. */
  readonly id: string;
  readonly stack: string;
  readonly role: string;
  /** `running`, `restarting`, `exited` … */
  readonly state: string;
  /** What Docker says of it, such as `Up 5 minutes (healthy)`. */
  readonly status: string;
}

/** The containers that carry our labels; of one stack and role where given. Stopped ones come after running ones. */
export async function listContainers(stack?: string, role?: Role): Promise<Container[]> {
  const filters = [
    `label=${labelPrefix}.stack${stack ? `=${stack}` : ""}`,
    ...(role ? [`label=${labelPrefix}.role=${role}`] : []),
  ];
  const format = [
    "{{.ID}}",
    `{{.Label "${labelPrefix}.stack"}}`,
    `{{.Label "${labelPrefix}.role"}}`,
    "{{.State}}",
    "{{.Status}}",
  ];
  const options = ["--all", "--no-trunc", "--format", format.join("\t"), ...filters.flatMap((f) => ["--filter", f])];
  const lists = await Promise.all(
    [undefined, ...otherEngines()].map(async (engine) => {
      const { exitCode, stdout, stderr } = await attempt(onEngine(engine, ["docker", "ps", ...options]), {
        timeoutSeconds: 20,
      });
      // What runs on the others is of use all the same.
      if (exitCode !== 0 && !engine) throw new Error(`Docker does not answer: ${stderr.trim()}`);
      return stdout
        .split("\n")
        .filter((line) => exitCode === 0 && line !== "")
        .map((line) => parse(line, engine));
    }),
  );
  const rank = ({ state }: Container) => (state === "running" ? 0 : 1);
  return lists.flat().sort((a, b) => rank(a) - rank(b));
}

function parse(line: string, engine?: string): Container {
  const [id = "", stack = "", role = "", state = "", status = ""] = line.split("\t");
  return { id: inEngine(engine, id), stack, role, state, status };
}

/** The running container of a stack and role. Fails with a `UserError` when there is none. */
export async function runningContainer(stack: string, role: Role): Promise<Container> {
  const container = (await listContainers(stack, role)).find(({ state }) => state === "running");
  if (container) return container;
  throw new UserError(`No container of ${stack} runs as ${role}.`, [
    { path: stack, expected: "a stack that is up", found: "no such container", hint: "npx odoo-stacks status" },
  ]);
}

/** The running container that psql reaches a stack's database from: PostgreSQL's own or, where that is elsewhere, a client's. */
export const databaseContainer = (stack: string): Promise<Container> =>
  runningContainer(stack, "postgres-client").catch(() => runningContainer(stack, "postgres"));
