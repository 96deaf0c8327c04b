import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { odooRole, type RdsRoleInput, type RoleWish } from "../../infra/commands/steps/rdsRole";
import type { RdsTrustResult } from "../../infra/commands/steps/rdsTrust";
import { rdsTrust } from "../../infra/config/aws/trust";
import { Component } from "../../infra/core/component";
import { Step } from "../core/step";
import type { Database } from "./database";
import type { RdsDatabase } from "./rdsDatabase";

/** What a database for Odoo on RDS is made with. */
export interface RdsRoleArgs {
  readonly stack: string;
  /** The instance that it is on. */
  readonly on: RdsDatabase;
  /** The region of the instance. */
  readonly region: string;
  /** The database, and where it comes from. A change makes another database beside the old one, which stays. */
  readonly wish: RoleWish;
  /** The Engine of a machine that reaches the instance, as `DOCKER_HOST` names it. */
  readonly dockerHost: pulumi.Input<string>;
  /** ID of the postgres image. */
  readonly image: pulumi.Input<string>;
}

/**
 * The database of an environment on an instance of RDS: the role that Odoo connects as, which owns it and has no other rights, made
 * by the master user from a machine of the platform. The master's password goes there with the SQL, and stays nowhere; machines of
 * the platform need no rights in AWS for it.
 *
 * Where RDS keeps the master's password, `pulumi up` does this once more after it was renewed; nothing changes by that.
 *
 * Cost: none of its own.
 */
export class RdsRole extends Component implements Database {
  readonly host: pulumi.Output<string>;
  readonly port = 5432;
  readonly role = odooRole;
  readonly name: string;
  readonly password: pulumi.Output<string>;
  readonly trust: pulumi.Output<string>;
  readonly ready: pulumi.Resource;

  constructor(name: string, args: RdsRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("database:RdsRole", name, opts);
    const { stack, on, region, wish } = args;
    this.name = wish.database;
    this.host = on.instance.address;
    this.password = new random.RandomPassword(
      this.childName("password"),
      { length: 32, special: false },
      this.child(),
    ).result;
    this.trust = new Step(
      this.childName("trust"),
      { step: "rdsTrust", input: { address: rdsTrust(region) } },
      this.child(),
    )
      .result<Partial<RdsTrustResult>>()
      .apply(({ certificates = "" }) => certificates);
    this.ready = new Step(
      this.childName("made"),
      {
        step: "rdsRole",
        input: pulumi
          .all([args.dockerHost, args.image, this.host, on.masterLogin(), this.password])
          .apply(([dockerHost, image, host, master, password]): RdsRoleInput & Record<string, unknown> => ({
            ...{ dockerHost, stack, image, trust: rdsTrust(region), host, port: this.port },
            ...{ master, role: wish, password },
          })),
      },
      this.child({ dependsOn: [on.instance] }),
    );
    this.registerOutputs({ host: this.host, database: this.name });
  }
}
