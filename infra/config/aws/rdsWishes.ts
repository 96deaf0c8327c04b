import type { EnvironmentConfig } from "../schema";
import { rdsCopyName } from "./rdsCopyName";
import { type RdsClass, rdsClasses } from "./rdsClasses";
import type { RdsLimits } from "./rdsChecks";

/** An environment whose database is on RDS, or is to be. */
export type OnRds = EnvironmentConfig & {
  readonly database: { readonly rds: NonNullable<EnvironmentConfig["database"]["rds"]> };
};

/** Whether an environment's database is on RDS, and it is written what the instance is made of. */
export const isOnRds = (config: EnvironmentConfig): config is OnRds =>
  config.database.kind === "rds" && config.database.rds !== undefined;

/** Whether an environment's database is in a container, and an instance is made for it beside that, which it can be moved to. */
export const preparesRds = (config: EnvironmentConfig): config is OnRds =>
  config.database.kind === "container" && config.database.rds !== undefined;

/** The configuration of one that {@link preparesRds}, as it is once the database was moved. */
export const onceOnRds = ({ database, ...config }: OnRds): OnRds => ({
  ...config,
  database: { ...database, kind: "rds", memory: undefined, volume: undefined },
});

/** What an instance has, where its class is known. */
export const rdsClassOf = (config: EnvironmentConfig): RdsClass | undefined =>
  isOnRds(config) ? rdsClasses.get(config.database.rds.class) : undefined;

/** What an environment's instance is made with, as far as its configuration says. */
export function rdsWishes({ database: { rds, name }, stage, protectData, restore }: OnRds, stack: string) {
  return {
    identifier: restore
      ? copyIdentifier(stack, rdsCopyName(restore, name).name)
      : (rds.identifier ?? identifierOf(stack)),
    instanceClass: rds.class,
    // A copy has as much as its snapshot.
    storage: rds.storage ?? (restore ? undefined : leastStorage),
    ...(rds.maxStorage === undefined ? {} : { maxStorage: rds.maxStorage }),
    multiAz: rds.multiAz ?? stage === "production",
    backupRetentionDays: rds.retention,
    backupWindow: rds.backupWindow,
    maintenanceWindow: rds.maintenanceWindow,
    masterPassword: rds.masterPassword,
    logicalReplication: rds.logicalReplication,
    protect: protectData,
    ...(rds.replica ? { replica: { instanceClass: rds.replica.class } } : {}),
  } satisfies Omit<RdsLimits, "hasSnapshot"> & Record<string, unknown>;
}

/** What an instance begins with where nothing is written: the least that there is. */
const leastStorage = "20 GB";

/**
 * Name of the instance that is a copy.
 * @param copy Of all copies of the stack: see `rdsCopyName`.
 */
export const copyIdentifier = (stack: string, copy: string): string => `${identifierOf(stack)}-${copy}`;

/** A stack's name as RDS takes it: small letters, digits and single hyphens, a letter first. */
export function identifierOf(stack: string): string {
  const name = stack
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return /^[a-z]/.test(name) ? name : `odoo-${name}`;
}
