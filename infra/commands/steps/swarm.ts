import { attempt, run } from "../../core/exec";
import { UserError } from "../../core/errors";
import { setLabels } from "../../swarm/places";
import { swarmInit, swarmLeave, info } from "../docker";
import type { StepModule } from "../step";

/** What the platform asks of the Engine's Swarm. */
export interface SwarmInput {
  /** The Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  /** The IP address that other nodes reach this one at; 127.0.0.1 where there are none. */
  readonly advertise: string;
  /** The labels that this node gets: which parts of the topology are placed on it. */
  readonly nodeLabels: Readonly<Record<string, string>>;
}

/** What there is afterwards. */
export interface SwarmResult {
  readonly nodeId: string;
  /** True when the Swarm was made here; one that was there before is left as it was. */
  readonly made: boolean;
  /** The Engine, as `DOCKER_HOST` names it; undefined where an earlier version of this project made it. */
  readonly dockerHost?: string;
}

interface EngineInfo {
  readonly Swarm: { readonly LocalNodeState: string; readonly ControlAvailable: boolean; readonly NodeID: string };
}

async function engineInfo(env: Record<string, string>): Promise<EngineInfo> {
  return JSON.parse(await run(info(), { env, timeoutSeconds: 30 })) as EngineInfo;
}

/**
 * Makes the Engine a Swarm of one node if it is in none, uses the Swarm it manages if it is in one, and labels its node.
 * On delete it leaves a Swarm that it made itself and that carries nothing any more.
 */
export const step: StepModule<SwarmInput, SwarmResult> = {
  async apply(input, report, before) {
    const env = { DOCKER_HOST: input.dockerHost };
    let { Swarm: swarm } = await engineInfo(env);
    let made = before?.made ?? false;
    if (before?.dockerHost !== undefined && before.dockerHost !== input.dockerHost) {
      const here = swarm.LocalNodeState === "active" && swarm.ControlAvailable;
      if (!here) throw anotherManager(before.dockerHost, input.dockerHost);
    }
    if (swarm.LocalNodeState === "inactive") {
      report("Making this Docker Engine a Swarm of one node.");
      await run(swarmInit(input.advertise), { env, timeoutSeconds: 60 });
      made = true;
      swarm = (await engineInfo(env)).Swarm;
    }
    if (swarm.LocalNodeState !== "active" || !swarm.ControlAvailable) {
      throw new UserError("This Docker Engine can't carry the platform.", [
        {
          path: input.dockerHost,
          expected: "an Engine that is in no Swarm, or an active manager of one",
          found: `state ${swarm.LocalNodeState}, ${swarm.ControlAvailable ? "a manager" : "not a manager"}`,
          hint: "`docker node promote` on a manager makes it one; `docker swarm leave` takes it out of its Swarm",
        },
      ]);
    }
    await setLabels(swarm.NodeID, input.nodeLabels, env);
    return { nodeId: swarm.NodeID, made, dockerHost: input.dockerHost };
  },

  async remove(input, report, before) {
    const env = { DOCKER_HOST: input.dockerHost };
    if (!before?.made || (await engineInfo(env)).Swarm.LocalNodeState === "inactive") return;
    const services = await run(["docker", "service", "ls", "--quiet"], { env, timeoutSeconds: 30 });
    if (services.trim() !== "") {
      report("The Swarm stays: other services run on it.");
      return;
    }
    report("Leaving the Swarm that was made for this platform.");
    await attempt(swarmLeave(), { env, timeoutSeconds: 60 });
  },
};

/** A second Swarm would know nothing of what runs in the first. */
function anotherManager(before: string, now: string): UserError {
  return new UserError("The manager of a platform can't be another machine.", [
    {
      path: "machines, role proxy",
      expected: `the machine that the platform began on, ${before}`,
      found: now,
      hint: "Give that machine the role proxy: it need not carry anything else.",
    },
  ]);
}
