import { attempt, run } from "../../core/exec";
import { UserError } from "../../core/errors";
import { swarmManagers } from "../../core/manager";
import { dataOn, setLabels, type SwarmNode, swarmNodes } from "../../swarm/places";
import { updateNode } from "../../swarm/updateNode";
import { joinSwarm } from "../../swarm/socket";
import { info } from "../docker";
import type { StepModule } from "../step";

/** A machine that joins the Swarm of a platform. */
export interface JoinInput {
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly manager: string;
  /** The IP address that other nodes reach the manager at. */
  readonly managerAddress: string;
  /** What the platform calls the machine. */
  readonly name: string;
  /** The machine's Engine. */
  readonly dockerHost: string;
  /** The IP address that other nodes reach the machine at. */
  readonly advertise: string;
  /** Whether it has a say in the Swarm. */
  readonly manages: boolean;
  /** The labels that its node gets. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Whether the machine has gone from the Swarm it was in, so that this has to be done once more. @default false */
  readonly anew?: boolean;
}

/** What there is afterwards. */
export interface JoinResult {
  readonly nodeId: string;
}

interface EngineInfo {
  readonly Swarm: { readonly LocalNodeState: string; readonly NodeID: string };
}

/** How long a machine that has just joined may take to be known, or to change its role, in seconds. */
const settleSeconds = 60;

const at = (host: string) => ({ DOCKER_HOST: host });

async function stateOf(host: string): Promise<EngineInfo["Swarm"]> {
  return (JSON.parse(await run(info(), { env: at(host), timeoutSeconds: 30 })) as EngineInfo).Swarm;
}

/**
 * Has a machine join the Swarm, labels its node and gives it its role; one that was installed anew joins again, and its old
 * node is forgotten. On delete it leaves, unless it has data of an environment.
 */
export const step: StepModule<JoinInput, JoinResult> = {
  async apply(input, report) {
    const env = at(input.manager);
    const nodes = await swarmNodes(env);
    let { LocalNodeState: state, NodeID: id } = await stateOf(input.dockerHost);
    if (state === "active" && !nodes.some((node) => node.id === id)) throw elsewhere(input);
    if (state !== "active") {
      report(`${input.name} joins the Swarm.`);
      const token = (
        await run(["docker", "swarm", "join-token", "--quiet", "worker"], { env, timeoutSeconds: 30 })
      ).trim();
      await joinSwarm(input.dockerHost, { token, advertise: input.advertise, manager: `${input.managerAddress}:2377` });
      ({ LocalNodeState: state, NodeID: id } = await stateOf(input.dockerHost));
    }
    await setLabels(id, input.nodeLabels, env);
    await setRole(id, input.manages, env).catch((error: unknown) => {
      // Where another manager is gone, this one's say is needed until that one is forgotten: see `remove`.
      if (input.manages || !/loss of quorum/.test(String(error))) throw error;
      report(`${input.name} keeps its say in the Swarm until a machine that does not answer is taken out.`);
    });
    for (const old of nodes.filter((node) => node.machine === input.name && node.id !== id)) {
      report(`Forgetting the node that ${input.name} was before.`);
      // What it had was lost with it, but not what others have as well.
      const shared = Object.entries(old.labels).filter(([, value]) => value === "shared");
      if (shared.length > 0)
        await updateNode(
          id,
          shared.flatMap(([label, value]) => ["--label-add", `${label}=${value}`]),
          env,
        );
      await forget(old, env);
    }
    return { nodeId: id };
  },

  async remove(input, report, before) {
    const env = at(input.manager);
    const node = (await swarmNodes(env)).find(({ id }) => id === before?.nodeId);
    // One that has another name by now stays.
    if (node?.machine !== input.name) return;
    const stacks = dataOn(node);
    if (stacks.length > 0) throw stillNeeded(input.name, stacks);
    report(`${input.name} leaves the Swarm.`);
    if (node.role === "manager") await setRole(node.id, false, env);
    const left = await attempt(["docker", "swarm", "leave"], { env: at(input.dockerHost), timeoutSeconds: 60 });
    if (left.exitCode !== 0) report(`${input.name} does not answer, and is forgotten: ${left.stderr.trim()}`);
    await attempt(["docker", "node", "rm", "--force", node.id], { env, timeoutSeconds: 30 });
    await leaveOneManager(input.manager);
  },
};

/** With too few machines for several managers, has the one that the platform knows as the manager decide alone. */
async function leaveOneManager(manager: string): Promise<void> {
  const env = at(manager);
  const nodes = await swarmNodes(env);
  const managing = nodes.filter(({ role }) => role === "manager");
  if (nodes.length >= swarmManagers || managing.length < 2) return;
  const { NodeID: own } = await stateOf(manager);
  // One that is being taken out at the same time may be gone by now.
  for (const { id } of managing) if (id !== own) await setRole(id, false, env).catch(() => undefined);
}

async function setRole(id: string, manages: boolean, env: Record<string, string>): Promise<void> {
  const argv = ["docker", "node", manages ? "promote" : "demote", id];
  await run(argv, { env, timeoutSeconds: settleSeconds });
}

/** A node that is gone for good: one that still answers is left alone by Docker, unless it is forced. */
async function forget(node: SwarmNode, env: Record<string, string>): Promise<void> {
  if (node.role === "manager")
    await attempt(["docker", "node", "demote", node.id], { env, timeoutSeconds: settleSeconds });
  await run(["docker", "node", "rm", "--force", node.id], { env, timeoutSeconds: 30 });
}

function elsewhere({ name, dockerHost }: JoinInput): UserError {
  return new UserError(`The machine ${name} can't join the platform.`, [
    {
      path: dockerHost,
      expected: "a Docker Engine that is in no Swarm, or in this platform's",
      found: "one that is in another Swarm",
      hint: "If that other Swarm is not needed any more: docker swarm leave --force, on that machine",
    },
  ]);
}

function stillNeeded(name: string, stacks: readonly string[]): UserError {
  return new UserError(`The machine ${name} can't be taken out yet.`, [
    {
      path: `machines, ${name}`,
      expected: "a machine without data of an environment",
      found: `data of ${stacks.join(", ")}`,
      hint: `Put it back into the list; then npx odoo-stacks move-database ${stacks[0] ?? ""}, or move-filestore, or destroy the stack.`,
    },
  ]);
}
