import * as docker from "../commands/docker";
import { attempt, run } from "../core/exec";
import { labels } from "../core/labels";
import { findContainers, onManager } from "../swarm/engines";

/**
 * The container from which psql reaches an environment's database on RDS; undefined where none runs. One that Swarm is about to replace,
 * because the database is another one now, is listed for some seconds more, and is not meant.
 */
export async function databaseClient(stack: string): Promise<string | undefined> {
  const filters = Object.entries(labels(stack, "postgres-client")).map(([key, value]) => `${key}=${value}`);
  const [service] = (await run(onManager(docker.servicesWithLabels(filters)), { timeoutSeconds: 30 })).split("\n");
  if (!service) return undefined;
  const format = "{{json .Spec.TaskTemplate.ContainerSpec.Env}}";
  const spec = onManager(["docker", "service", "inspect", "--format", format, service]);
  const wanted = JSON.parse(await run(spec, { timeoutSeconds: 30 })) as readonly string[];
  for (const container of await findContainers(filters)) {
    const inspect = docker.onContainer(container, (id) => [
      "docker",
      "inspect",
      "--format",
      "{{json .Config.Env}}",
      id,
    ]);
    const { exitCode, stdout } = await attempt(inspect, { timeoutSeconds: 30 });
    if (exitCode !== 0) continue; // It has ended meanwhile.
    const has = new Set(JSON.parse(stdout) as readonly string[]);
    if (wanted.every((variable) => has.has(variable))) return container;
  }
  return undefined;
}
