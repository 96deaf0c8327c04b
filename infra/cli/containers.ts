import { UserError } from "../core/errors";
import { run } from "../core/exec";
import { labelPrefix, type Role } from "../core/labels";

/** One of our containers, as Docker lists it. */
export interface Container {
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
  const argv = ["ps", "--all", "--no-trunc", "--format", format.join("\t"), ...filters.flatMap((f) => ["--filter", f])];
  const stdout = await run(["docker", ...argv], { timeoutSeconds: 20 });
  const rank = ({ state }: Container) => (state === "running" ? 0 : 1);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [id = "", owner = "", kind = "", state = "", status = ""] = line.split("\t");
      return { id, stack: owner, role: kind, state, status };
    })
    .sort((a, b) => rank(a) - rank(b));
}

/** The running container of a stack and role. Fails with a `UserError` when there is none. */
export async function runningContainer(stack: string, role: Role): Promise<Container> {
  const container = (await listContainers(stack, role)).find(({ state }) => state === "running");
  if (container) return container;
  throw new UserError(`No container of ${stack} runs as ${role}.`, [
    { path: stack, expected: "a stack that is up", found: "no such container", hint: "npx odoo-stacks status" },
  ]);
}
