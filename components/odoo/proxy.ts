import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { inEngine } from "../../infra/commands/docker";
import { stateFolder, stateVolume } from "../../infra/commands/proxy";
import type { ProxyStateInput } from "../../infra/commands/steps/proxyState";
import type { Platform, ProxyContainer } from "../../infra/config/platformOutput";
import { Component } from "../../infra/core/component";
import { labelList, logOptions } from "../../infra/core/labels";
import { Step } from "../core/step";

/** What all proxies of a platform have in common. */
export interface ProxySettings {
  /** ID of the proxy image. */
  readonly image: pulumi.Input<string>;
  /** The address that its ports are published on: `127.0.0.1` for this machine alone, `0.0.0.0` for everyone. */
  readonly bind: string;
  /** Where people on other machines find it. @default they don't: it is on this machine */
  readonly host?: pulumi.Input<string>;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** How people open the load balancer in front of it. @default there is none */
  readonly balancer?: Platform["proxy"]["balancer"];
  /** What that one is set to, where the platform makes it; `host` is a name that leads to it then. @default it makes none */
  readonly limits?: Platform["proxy"]["limits"];
  /** How long it waits for an answer, in seconds; environments route with it. */
  readonly responseTimeoutSeconds: number;
  /** Largest request, in bytes; environments route with it. */
  readonly maxBodyBytes: number;
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** What a proxy is made with. */
export interface ProxyArgs extends ProxySettings {
  readonly stack: string;
  /** Name of the network that it shares with Odoo's web containers. */
  readonly network: pulumi.Input<string>;
  /** The machine that it is on. */
  readonly machine: string;
  /** That machine's Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: pulumi.Input<string>;
  /** What a further proxy begins with. @default nothing: it is the first, on the manager */
  readonly beside?: {
    /** The first proxy, whose routes it gets. */
    readonly first: Proxy;
    /** ID of its machine's node in the Swarm. */
    readonly node: pulumi.Input<string>;
  };
}

/** A proxy keeps a table of routes and the requests under way: 256 MiB hold thousands of them. */
const memoryMegabytes = 256;

/**
 * kamal-proxy: the only thing on a machine with a published port. It routes by host name, holds requests during a release,
 * gets certificates, and shows the pages for errors and maintenance. A plain container and no Swarm service, because Swarm
 * can't publish a port on one address alone. Its routes and certificates are on a volume and survive it. Behind a load balancer
 * there are several, each with all routes: a further one begins with those of the first.
 *
 * Cost: none of its own; at most 256 MiB of memory.
 */
export class Proxy extends Component {
  /** Where it is. */
  readonly at: pulumi.Output<ProxyContainer>;

  constructor(name: string, args: ProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("odoo:Proxy", name, opts);
    const state = args.beside ? this.copiedState(args, args.beside) : this.ownState(args.stack);
    const container = new docker.Container(
      this.childName("container"),
      {
        image: args.image,
        labels: labelList(args.stack, "proxy"),
        networksAdvanced: [{ name: args.network }],
        ports: [
          { ip: args.bind, external: args.httpPort, internal: 80, protocol: "tcp" },
          { ip: args.bind, external: args.httpsPort, internal: 443, protocol: "tcp" },
        ],
        volumes: [{ volumeName: state.name, containerPath: stateFolder }],
        restart: "unless-stopped",
        memory: memoryMegabytes,
        // What Docker sets by itself; left out, every preview would show it.
        memorySwap: 2 * memoryMegabytes,
        logDriver: "json-file",
        logOpts: logOptions(args.logs),
        healthcheck: {
          tests: ["CMD", "kamal-proxy", "list"],
          interval: "10s",
          timeout: "5s",
          retries: 3,
          startPeriod: "5s",
        },
        wait: false,
        mustRun: true,
      },
      // Its ports can't be published twice at a time.
      this.child({ deleteBeforeReplace: true, ...state.options }),
    );
    this.at = pulumi.output({ machine: args.machine, dockerHost: args.dockerHost, container: container.name });
    this.registerOutputs({ at: this.at });
  }

  /** The volume of the first proxy. */
  private ownState(stack: string): State {
    const volume = new docker.Volume(
      this.childName("state"),
      { name: stateVolume(stack), labels: labelList(stack, "proxy-state") },
      this.child(),
    );
    return { name: volume.name, options: {} };
  }

  /** The volume of a further one, with the routes of the first. Its step removes the container too, unless the machine is gone. */
  private copiedState({ stack, image, machine, dockerHost, network }: ProxyArgs, { first, node }: Beside): State {
    const copied = new Step(
      this.childName("state"),
      {
        step: "proxyState",
        // The network too: it has to go after the container.
        input: pulumi
          .all([image, dockerHost, node, first.at, network])
          .apply(([imageId, engine, nodeId, at]): ProxyStateInput & Record<string, unknown> => ({
            ...{ stack, machine, image: imageId, dockerHost: engine, node: nodeId },
            ...{ manager: at.dockerHost, from: inEngine(at.dockerHost, at.container) },
          })),
      },
      this.child(),
    );
    return { name: stateVolume(stack), options: { dependsOn: [copied], deletedWith: copied } };
  }
}

type Beside = NonNullable<ProxyArgs["beside"]>;

/** The volume with a proxy's state, and what its container has to do with who made it. */
interface State {
  readonly name: pulumi.Input<string>;
  readonly options: pulumi.CustomResourceOptions;
}

/** What environments need to know of a platform's proxies, the manager's first. */
export function describeProxies(
  { host, bind, httpPort, httpsPort, balancer, limits, responseTimeoutSeconds, maxBodyBytes }: ProxySettings,
  [first, ...further]: readonly [Proxy, ...Proxy[]],
): pulumi.Output<Platform["proxy"]> {
  const rest = pulumi.all(further.map(({ at }) => at));
  return pulumi
    .all([first.at, rest, host])
    .apply(([one, others, found]): Platform["proxy"] => ({
      containers: [one, ...others],
      address: limits
        ? `https://${found ?? ""}`
        : `http://${found ?? (bind === "0.0.0.0" ? "127.0.0.1" : bind)}:${httpPort}`,
      ...{ bind, httpPort, httpsPort, balancer, limits, responseTimeoutSeconds, maxBodyBytes },
    }));
}
