import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { mailDomain } from "../../infra/config/mail";
import { type Platform, proxiesOf } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { bytes } from "../../infra/core/units";
import { serviceArgs } from "../core/service";
import { Step } from "../core/step";
import { mailRoute, mailUrl } from "./routes";

/** What a mail catcher is made with. */
export interface MailCatcherArgs {
  readonly stack: string;
  readonly config: EnvironmentConfig;
  readonly platform: Platform;
  /** ID of the mail image. */
  readonly image: pulumi.Input<string>;
  /** ID of the environment's own network. */
  readonly network: pulumi.Input<string>;
  /** Swarm placement expressions. */
  readonly constraints: readonly string[];
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** Where the environment's containers deliver mails: without encryption or login, which one network does not need. */
export const mailServer = { host: "mail", port: 1025 } as const;

/** The port of the page, the same in both images. */
const pagePort = 8025;

/** The login that the page asks for. */
const login = "mail";

/** User and group of the container: nobody. */
const nobody = { uid: 65534, gid: 65534 };

/** 200 mails with attachments of 100 KB took 206 MB and 52 MB of files. */
const memoryBytes = bytes("384 MB");
const filesBytes = bytes("96 MB");

/**
 * Catches the mails of an environment, and shows on a page, behind a password, what would have been sent. The last 200 are
 * kept, in memory alone: they are gone when its container is. It delivers nothing, and no mail server reaches it from outside.
 *
 * Cost: none of its own; at most 384 MB of memory, most often half of that.
 */
export class MailCatcher extends Component {
  /** What the stack exports of it: nothing where there is no page. */
  readonly outputs: Record<string, pulumi.Input<unknown>>;

  constructor(name: string, args: MailCatcherArgs, opts?: pulumi.ComponentResourceOptions) {
    super("odoo:MailCatcher", name, opts);
    const { config, platform, stack } = args;
    const host = mailDomain(config);
    const password = new random.RandomPassword(this.childName("password"), { length: 24, special: false }, this.child())
      .result;
    const passwordFile = new docker.Secret(
      this.childName("password-file"),
      { data: password.apply((text) => Buffer.from(text).toString("base64")), labels: labelList(stack, "secret") },
      this.child({ additionalSecretOutputs: ["data"], deleteBeforeReplace: false }),
    );
    const service = new docker.Service(
      this.childName("service"),
      serviceArgs({
        stack,
        role: "mail",
        image: args.image,
        secrets: [{ source: passwordFile, path: "/run/secrets/mail_password", ...nobody }],
        inMemory: [{ path: "/tmp", sizeBytes: filesBytes }],
        networks: [
          { id: args.network, aliases: [mailServer.host] },
          ...(host === undefined ? [] : [{ id: platform.network.edge.id }]),
        ],
        constraints: args.constraints,
        health: { command: "/opt/odoo-stacks/healthy.sh", intervalSeconds: 1, startPeriodSeconds: 60, retries: 30 },
        // Removing it waits for its container, which the networks have to be free of.
        stopGraceSeconds: 1,
        memoryBytes,
        logs: args.logs,
      }),
      this.child({ deleteBeforeReplace: true }),
    );
    if (host === undefined) {
      this.outputs = {};
    } else {
      new Step(
        this.childName("route"),
        {
          step: "routes",
          input: service.name.apply((target) => ({
            proxies: proxiesOf(platform),
            services: [mailRoute(stack, config, platform, { host, target: `${target}:${pagePort}` })],
          })),
        },
        this.child({ dependsOn: [service] }),
      );
      this.outputs = { mailUrl: mailUrl(config, platform), mailLogin: login, mailPassword: password };
    }
    this.registerOutputs({ service: service.name });
  }
}
