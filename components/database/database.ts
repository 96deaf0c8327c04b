import type * as pulumi from "@pulumi/pulumi";

/** What an environment needs to know of its database, wherever that runs. */
export interface Database {
  /** Host name, as Odoo's containers resolve it. */
  readonly host: pulumi.Input<string>;
  readonly port: number;
  /** The role that Odoo connects as: no superuser, owner of this database alone. */
  readonly role: string;
  /** Name of the database. */
  readonly name: string;
  /** The role's password; a secret. */
  readonly password: pulumi.Output<string>;
  /**
   * Certificates, as PEM, one of which has to have signed the server's. Where there are any, the server is on another network than the
   * environment's own, and is reached with TLS alone.
   * @default none: it is on the environment's own network, which others can't reach
   */
  readonly trust?: pulumi.Output<string>;
  /** What has to be there before anything connects. */
  readonly ready: pulumi.Resource;
}
