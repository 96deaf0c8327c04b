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
  /** What has to be there before anything connects. */
  readonly ready: pulumi.Resource;
}
