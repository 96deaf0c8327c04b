import { type Argv, containersWithLabels, inEngine, servicesWithLabels } from "../commands/docker";
import { run } from "../core/exec";
import { labels, type Role } from "../core/labels";

/** The services of one role of a stack, and where they and their containers are asked for. */
export interface ServicesOf {
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** The Engines of all machines. */
  readonly dockerHosts: readonly string[];
  readonly stack: string;
  readonly role: Role;
}

/** Asking an Engine takes a second or two on a busy machine; one that does not answer within this, in seconds, is not waited for. */
const askSeconds = 10;

const filters = ({ stack, role }: ServicesOf): readonly string[] =>
  Object.entries(labels(stack, role)).map(([key, value]) => `${key}=${value}`);

const lines = async (argv: Argv, dockerHost: string, timeoutSeconds = 30): Promise<readonly string[]> =>
  (await run(argv, { env: { DOCKER_HOST: dockerHost }, timeoutSeconds })).split("\n").filter(Boolean);

/** Names of the services. */
export const serviceNames = (of: ServicesOf): Promise<readonly string[]> =>
  lines(servicesWithLabels(filters(of)), of.manager);

/**
 * The running containers of the services, of all machines. One that does not answer has none.
 * @param health Only those that are `healthy`. @default all
 * @returns each as `inEngine` names it.
 */
export async function serviceContainers(of: ServicesOf, health?: "healthy"): Promise<readonly string[]> {
  const argv = containersWithLabels(filters(of), false, health);
  const found = of.dockerHosts.map(async (host) =>
    (await lines(argv, host, askSeconds).catch(() => [])).map((id) => inEngine(host, id)),
  );
  return (await Promise.all(found)).flat();
}
