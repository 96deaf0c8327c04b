import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { dataVolume } from "../core/dataVolume";
import type { PostgresServerArgs } from "./postgresServer";

/**
 * What is left of an environment's PostgreSQL on machines when its database was moved to RDS: the volumes with the old data, until
 * they are let go. To Pulumi it is the same component as `PostgresServer` in an earlier state, so that the volumes stay what they are.
 */
export class FormerServer extends Component {
  constructor(
    name: string,
    args: Pick<PostgresServerArgs, "stack" | "database" | "volume" | "places" | "protect">,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("database:PostgresServer", name, opts);
    const { stack, database, volume, places, protect } = args;
    for (const place of places) {
      dataVolume(
        this.childName("data"),
        { ...place, stack, name: volume, role: "postgres-data", database, protect },
        this,
      );
    }
    this.registerOutputs({});
  }
}
