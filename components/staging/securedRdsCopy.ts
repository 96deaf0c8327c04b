import * as pulumi from "@pulumi/pulumi";
import type { CopyOnRdsInput } from "../../infra/commands/steps/copyOnRds";
import type { CopyResult } from "../../infra/commands/steps/copy";
import { Component } from "../../infra/core/component";
import { Step } from "../core/step";
import { type SnapshotRestoreStagingArgs, wishOf } from "./snapshotRestoreStaging";

/** An instance on RDS that was made from a snapshot of another environment's. */
export interface CopiedOnRds {
  /** What tells it from the stack's other copies. */
  readonly name: string;
  /** What AWS knows the instance by: no other one ever has it, whatever its name. */
  readonly instance: pulumi.Output<string>;
  /** The moment of the source that its data is of, ISO 8601. */
  readonly dataFrom: pulumi.Output<string>;
  /** ID of an image with psql, on the machine where the copy is secured. */
  readonly client: pulumi.Output<string>;
}

/** What a copy on RDS is secured with. */
export interface SecuredRdsCopyArgs extends SnapshotRestoreStagingArgs {
  readonly copied: CopiedOnRds;
  /** Name of a network with a way to the instance. */
  readonly network: pulumi.Input<string>;
}

/**
 * Makes an environment's data of an instance that was restored from a snapshot of another environment's: brings the files, secures the
 * database and them, and brings its modules to the version that is to run. Odoo, and whatever else connects, waits for it. When it fails,
 * what was there before serves on from its own instance and files, and the next `up` goes on with the same one.
 *
 * Cost: disk for the files, twice until the release that follows has switched.
 */
export class SecuredRdsCopy extends Component {
  /** ID of the copy. */
  readonly copy: pulumi.Output<string>;
  /** The moment of the source that the data is of, ISO 8601. */
  readonly dataFrom: pulumi.Output<string>;

  constructor(name: string, args: SecuredRdsCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("staging:SecuredRdsCopy", name, opts);
    const { copied, database } = args;
    const server = {
      ...{ host: database.host, port: database.port, role: database.role, password: database.password },
      ...{ trust: database.trust ?? "", network: args.network, client: copied.client },
    };
    const made = new Step(
      this.childName("secured"),
      {
        step: "copyOnRds",
        input: pulumi
          .all([
            args.adminPassword,
            args.operator,
            args.image.id,
            args.image.tag,
            server,
            copied.instance,
            copied.dataFrom,
          ])
          .apply(
            ([adminPassword, operator, id, tag, on, instance, dataFrom]): CopyOnRdsInput & Record<string, unknown> => {
              const { machines, wish } = wishOf(args, { id, tag });
              return {
                ...{ ...machines, operator, adminPassword },
                // Another instance of the same name is not secured.
                plan: { ...wish, key: `${copied.name} ${instance}`, dataFrom, server: on },
              };
            },
          ),
      },
      this.child(),
    );
    const result = made.result<CopyResult>();
    this.copy = result.apply(({ id }) => id);
    this.dataFrom = result.apply(({ dataFrom }) => dataFrom);
    this.registerOutputs({ copy: this.copy, dataFrom: this.dataFrom });
  }
}
