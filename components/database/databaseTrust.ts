import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { odooPaths } from "../../infra/commands/odooConf";
import type { MountedFile } from "../core/service";
import type { Database } from "./database";

/** What a container needs to know whether it talks to the right server: variables of libpq, and a file. */
export interface DatabaseTrust {
  readonly env: Readonly<Record<string, string>>;
  readonly configs: readonly MountedFile[];
}

/**
 * Hands a database's certificates to containers; nothing where it needs none.
 * @param user Numeric user and group of whoever connects.
 */
export function databaseTrust(
  name: string,
  { trust }: Pick<Database, "trust">,
  user: Pick<MountedFile, "uid" | "gid">,
  opts: pulumi.CustomResourceOptions,
): DatabaseTrust | undefined {
  if (!trust) return undefined;
  const data = trust.apply((text) => Buffer.from(text).toString("base64"));
  const path = odooPaths.trust;
  const source = new docker.ServiceConfig(name, { data }, { ...opts, deleteBeforeReplace: false });
  return { env: { PGSSLROOTCERT: path }, configs: [{ source, path, ...user }] };
}
