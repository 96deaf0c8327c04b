import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { labelList } from "../../infra/core/labels";
import { serviceArgs } from "../core/service";
import type { Database } from "./database";
import { databaseTrust } from "./databaseTrust";

/** What a client of a database is made with. */
export interface DatabaseClientArgs {
  /** The stack it belongs to. */
  readonly stack: string;
  /** A database whose server is no container of the platform. */
  readonly database: Database;
  /** ID of the postgres image. */
  readonly image: pulumi.Input<string>;
  /** ID of a network with a way to the server. */
  readonly network: pulumi.Input<string>;
  /** Swarm placement expressions. */
  readonly constraints: readonly string[];
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** The `postgres` user and group inside the image. */
const postgresUser = { uid: 999, gid: 999 };

/** What psql needs, beside a pg_dump now and then: https://www.postgresql.org/docs/17/app-pgdump.html keeps little in memory. */
const memoryBytes = 256 * 1024 ** 2;

/** Where it finds the password. */
const passwordFile = "/run/secrets/pgpass";

/**
 * A container from which psql reaches a database that has no container: the operator and `odoo-stacks psql` run it there as they do
 * beside PostgreSQL. It connects as Odoo's role does, and has no other rights; by itself it does nothing but ask every half minute
 * whether the database answers, which is its health.
 *
 * Cost: none of its own; it takes up to 256 MB of its machine.
 */
export class DatabaseClient extends Component {
  constructor(name: string, args: DatabaseClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("database:DatabaseClient", name, opts);
    const { stack, database } = args;
    const password = new docker.Secret(
      this.childName("password"),
      {
        data: database.password.apply((text) => Buffer.from(`*:*:*:*:${text}\n`).toString("base64")),
        labels: labelList(stack, "secret"),
      },
      this.child({ additionalSecretOutputs: ["data"], deleteBeforeReplace: false }),
    );
    const trust = databaseTrust(this.childName("trust"), database, postgresUser, this.child());
    new docker.Service(
      this.childName("service"),
      serviceArgs({
        stack,
        role: "postgres-client",
        image: args.image,
        args: ["sleep", "infinity"],
        env: {
          ...{ DATABASE: database.name, PGDATABASE: database.name, PGUSER: database.role },
          ...{ PGHOST: database.host, PGPORT: String(database.port), PGPASSFILE: passwordFile },
          ...{ PGSSLMODE: "verify-full", ...trust?.env, PGCONNECT_TIMEOUT: "15" },
        },
        secrets: [{ source: password, path: passwordFile, ...postgresUser }],
        configs: trust?.configs,
        networks: [{ id: args.network }],
        constraints: args.constraints,
        health: {
          command: "psql -XAtq --output /dev/null --command 'SELECT 1'",
          intervalSeconds: 2,
          startPeriodSeconds: 60,
          // It can do nothing about a database that is away, and is of no less use afterwards.
          retries: 1000,
        },
        memoryBytes,
        logs: args.logs,
      }),
      this.child({ dependsOn: [database.ready] }),
    );
    this.registerOutputs({});
  }
}
