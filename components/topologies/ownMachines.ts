import * as pulumi from "@pulumi/pulumi";
import { scriptVersion } from "../../infra/commands/machine/script";
import type { PeersInput } from "../../infra/commands/steps/peers";
import { advertised, reached, rolesOf, type ServerConfig } from "../../infra/config/machines";
import { bytes } from "../../infra/core/units";
import { Step, whileAway } from "../core/step";
import { Machine } from "./machine";

/** Which machines, and whose they are. */
export interface OwnMachinesArgs {
  /** The platform's stack. */
  readonly stack: string;
  /** The machines, the manager first. */
  readonly servers: readonly ServerConfig[];
  /** Names of those that do not answer: they stay as they are. @default none */
  readonly away?: readonly string[];
  /** Names of those that answer, but have gone from the Swarm: they are prepared once more, and join again. @default none */
  readonly anew?: readonly string[];
  /** The instances that carry them, by name of the machine. @default they are there already */
  readonly instances?: ReadonlyMap<string, MachineInstance>;
}

/** What carries a machine that is made before it is prepared. */
export interface MachineInstance {
  /** Tells it from another one that carries the machine later. */
  readonly version: pulumi.Input<string>;
  /** ID of the volume for the machine's data. */
  readonly dataDisk: pulumi.Input<string>;
  /** What has to be there before the machine is reached. */
  readonly resource: pulumi.Resource;
}

/**
 * The machines that carry a platform, which the user has or a target has made: each prepared, and where there are several, able to
 * reach each other's Docker Engines. Those with production's or another environment's Odoo reach the others, since operators work there.
 */
export class OwnMachines {
  /** What has to be there before anything else. */
  readonly ready: readonly pulumi.Resource[];
  private readonly machines: ReadonlyMap<string, Machine>;

  constructor(stack: string, args: OwnMachinesArgs) {
    const { servers } = args;
    this.machines = new Map(servers.map((server) => [server.name, makeMachine(stack, server, args)]));
    const steps = servers.length > 1 ? servers.map((server) => this.introduce(stack, server, args)) : [];
    this.ready = [...this.machines.values(), ...steps];
  }

  /** The Engine of a machine, as `DOCKER_HOST` names it. */
  dockerHost(name: string): pulumi.Output<string> {
    return this.named(name).dockerHost;
  }

  private named(name: string): Machine {
    const machine = this.machines.get(name);
    if (!machine) throw new Error(`no machine named ${name}`);
    return machine;
  }

  /** Tells a machine of the others. */
  private introduce(stack: string, server: ServerConfig, { servers, away = [], anew = [] }: OwnMachinesArgs): Step {
    const others = servers.filter(({ name }) => name !== server.name);
    const operates = others.filter((other) => rolesOf(other, servers).some((role) => role.endsWith("production")));
    const input = pulumi
      .all([
        pulumi.all(others.map(({ name }) => this.named(name).prepared)),
        pulumi.all(operates.map(({ name }) => this.named(name).prepared)),
      ])
      .apply(([known, operating]): PeersInput & Record<string, unknown> => ({
        machine: reached(server),
        platform: stack,
        manager: servers[0]?.name ?? "",
        peers: others.map((other, at) => ({
          ...{ name: other.name, address: advertised(other), user: other.user, port: other.port },
          hostKey: known[at]?.hostKey ?? "",
        })),
        allowed: operating.map(({ publicKey }) => publicKey),
        script: scriptVersion("peers"),
        ...(anew.includes(server.name) ? { anew: true } : {}),
      }));
    const machine = this.named(server.name);
    return new Step(
      `${stack}-${server.name}-peers`,
      { step: "peers", input },
      { parent: machine, dependsOn: [machine], ...whileAway(away.includes(server.name)) },
    );
  }
}

function makeMachine(
  stack: string,
  server: ServerConfig,
  { servers, instances, away = [], anew = [] }: OwnMachinesArgs,
): Machine {
  const instance = instances?.get(server.name);
  const { swap, dataDisk = "" } = server;
  return new Machine(
    `${stack}-${server.name}`,
    {
      machine: reached(server),
      peers: servers.filter(({ name }) => name !== server.name).map(advertised),
      swapMegabytes: swap ? bytes(swap) / bytes("1 MB") : 0,
      dataDisk: instance?.dataDisk ?? dataDisk,
      instance: instance?.version,
      script: scriptVersion("prepare"),
      ...(anew.includes(server.name) ? { anew: true } : {}),
      away: away.includes(server.name),
    },
    { dependsOn: instance?.resource },
  );
}
