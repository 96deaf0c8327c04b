import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Platform } from "../../infra/config/platformOutput";
import { Component } from "../../infra/core/component";
import { labelList, logOptions } from "../../infra/core/labels";

/** What the proxy is made with. */
export interface ProxyArgs {
  readonly stack: string;
  /** ID of the proxy image. */
  readonly image: pulumi.Input<string>;
  /** Name of the network that it shares with Odoo's web containers. */
  readonly network: pulumi.Input<string>;
  /** The address that its ports are published on: `127.0.0.1` for this machine alone, `0.0.0.0` for everyone. */
  readonly bind: string;
  /** Where people on other machines find it. @default they don't: it is on this machine */
  readonly host?: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** How long it waits for an answer, in seconds; environments route with it. */
  readonly responseTimeoutSeconds: number;
  /** Largest request, in bytes; environments route with it. */
  readonly maxBodyBytes: number;
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** A proxy keeps a table of routes and the requests under way: 256 MiB hold thousands of them. */
const memoryMegabytes = 256;

/**
 * kamal-proxy: the only thing on a machine with a published port. It routes by host name, holds requests during a release,
 * gets certificates, and shows the pages for errors and maintenance. A plain container and no Swarm service, because Swarm
 * can't publish a port on one address alone. Its routes and certificates are on a volume and survive it.
 *
 * Cost: none of its own; at most 256 MiB of memory.
 */
export class Proxy extends Component {
  /** What environments need to know of the proxy. */
  readonly output: pulumi.Output<Platform["proxy"]>;

  constructor(name: string, args: ProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("odoo:Proxy", name, opts);
    const state = new docker.Volume(
      this.childName("state"),
      { name: `${args.stack}-proxy-state`, labels: labelList(args.stack, "proxy-state") },
      this.child(),
    );
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
        volumes: [{ volumeName: state.name, containerPath: "/home/kamal-proxy/.config/kamal-proxy" }],
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
      this.child({ deleteBeforeReplace: true }),
    );
    this.output = pulumi.output({
      container: container.name,
      address: `http://${args.host ?? (args.bind === "0.0.0.0" ? "127.0.0.1" : args.bind)}:${args.httpPort}`,
      bind: args.bind,
      httpPort: args.httpPort,
      httpsPort: args.httpsPort,
      responseTimeoutSeconds: args.responseTimeoutSeconds,
      maxBodyBytes: args.maxBodyBytes,
    });
    this.registerOutputs({ output: this.output });
  }
}
