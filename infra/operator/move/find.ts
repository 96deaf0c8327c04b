import * as docker from "../../commands/docker";
import { containerAt, onContainer, onEngine } from "../../commands/docker";
import { UserError, type Problem } from "../../core/errors";
import { run } from "../../core/exec";
import { labels } from "../../core/labels";
import { managerEnv, onManager } from "../../swarm/engines";
import { placeOf, type SwarmNode, swarmNodes } from "../../swarm/places";
import { volumePath } from "../copy/argv";
import type { Host } from "../host";
import { engineTo, readMachines } from "../peers";
import { psql } from "../psql";
import { snapshotSpace } from "../snapshot";
import { keptSnapshots } from "../snapshotsKept";
import type { MovePlan, MoveSource } from "./plan";
import { limitSql, obstaclesSql } from "./sql";

/** A cluster grows while it is copied. */
const roomFactor = 1.25;

/** What `docker inspect` says of the server's container. */
interface Inspected {
  readonly Image: string;
  readonly Mounts: readonly { readonly Name?: string; readonly Destination: string }[];
}

/**
 * Finds out where a database is and what has to be known of it.
 * @throws UserError when it can't be moved as it is.
 */
export async function findSource(plan: MovePlan, host: Pick<Host, "postgres">): Promise<MoveSource> {
  const nodes = await swarmNodes(managerEnv());
  requireMachine(plan, nodes);
  const { database: from } = placeOf(plan.stack, nodes);
  if (from === undefined) {
    throw refusal(plan, {
      path: `the labels of the Swarm's nodes`,
      expected: "one that says where the database is",
      found: "none",
      hint: `npx odoo-stacks up ${plan.stack}`,
    });
  }
  const container = await host.postgres();
  const { engine } = containerAt(container);
  if (engine !== engineTo(from)) {
    throw refusal(plan, {
      path: `the database of ${plan.stack}`,
      expected: `a server on ${from}, where the labels say that it is`,
      found: `one on ${engine ?? "this machine"}`,
    });
  }
  const inspect = onContainer(container, (id) => ["docker", "inspect", "--format", "{{json .}}", id]);
  const { Image: image, Mounts: mounts } = JSON.parse(await run(inspect, { timeoutSeconds: 30 })) as Inspected;
  const volume = mounts.find(({ Destination }) => Destination === volumePath)?.Name;
  if (volume === undefined) throw new Error(`the server on ${from} has no volume at ${volumePath}`);
  if (image !== plan.serverImage) {
    throw refusal(plan, {
      path: `the server on ${from}`,
      expected: `the image ${plan.serverImage}`,
      found: image,
      hint: `npx odoo-stacks up ${plan.stack}, then again`,
    });
  }
  const obstacles = (await psql(container, "postgres", obstaclesSql)).trim();
  if (obstacles !== "") {
    throw refusal(plan, {
      path: `the server on ${from}`,
      expected: "no tablespaces but PostgreSQL's own, and no replication slots: they can't come along",
      found: obstacles.split("\n").join(", "),
    });
  }
  const read = { container: () => Promise.resolve(container) };
  const services = onManager(
    docker.servicesWithLabels(Object.entries(labels(plan.stack, "postgres")).map(([key, value]) => `${key}=${value}`)),
  );
  const inspectVolume = onEngine(engine, ["docker", "volume", "inspect", "--format", "{{json .Labels}}", volume]);
  const [space, kept, limit, service, volumeLabels] = await Promise.all([
    snapshotSpace(read),
    keptSnapshots(read),
    psql(container, "postgres", limitSql(plan.database)),
    run(services, { timeoutSeconds: 30 }),
    run(inspectVolume, { timeoutSeconds: 30 }),
  ]);
  return {
    from,
    service: service.trim().split("\n")[0] ?? "",
    volume,
    labels: (JSON.parse(volumeLabels) as Record<string, string> | null) ?? {},
    bytes: space.cluster,
    needed: Math.max(Math.ceil(space.cluster * roomFactor), space.needed),
    connectionLimit: Number(limit),
    left: kept.map(({ id }) => id),
  };
}

/** The machine that it goes to must be one that this process reaches, and a node of the Swarm that works. */
function requireMachine(plan: MovePlan, nodes: readonly SwarmNode[]): void {
  const machines = readMachines();
  const known = machines ? [machines.self, ...machines.others] : [];
  const node = nodes.find(({ machine }) => machine === plan.to);
  if (known.includes(plan.to) && node?.state === "ready" && node.availability === "active") return;
  const state = node ? `a node that is ${node.state} and ${node.availability}` : "no node of that name";
  throw refusal(plan, {
    path: plan.to,
    expected: "a machine in the Swarm that is ready and active",
    found: known.includes(plan.to)
      ? state
      : `a machine that this one does not know: ${known.join(", ") || "it knows none"}`,
    hint: "npx odoo-stacks up PLATFORM prepares machines and has them join",
  });
}

const refusal = ({ stack, to }: MovePlan, problem: Problem): UserError =>
  new UserError(`The database of ${stack} can't go to ${to}.`, [problem]);
