import { filesVolumes } from "./files";

/** A volume with data of an environment. */
export interface KeptVolume {
  readonly name: string;
  /** What it is for, as its label says. */
  readonly role: string;
}

/** What Pulumi calls the volumes with data, after the stack's name. On all machines but the manager, theirs follows. */
const resources = {
  database: "database-data",
  files: "odoo-filestore",
  sharedFiles: "odoo-shared-filestore",
  releases: "odoo-releases",
};

/** Whether a volume is the folder that several machines have in common. */
export const isShared = (stack: string, name: string): boolean => name === filesVolumes(stack).shared;

/**
 * The name that Pulumi knows a volume by.
 * @param suffix What tells its machine from others: empty on the manager.
 */
export function resourceName(stack: string, { name, role }: KeptVolume, suffix: string): string {
  const of = (resource: keyof typeof resources) => `${stack}-${resources[resource]}${suffix}`;
  if (role === "postgres-data") return of("database");
  if (role === "releases") return of("releases");
  return of(isShared(stack, name) ? "sharedFiles" : "files");
}

/**
 * The machine of a volume, by the name that Pulumi knows it by.
 * @returns undefined for the manager's, and for what is no such volume.
 */
export function machineOfVolume(stack: string, resource: string): string | undefined {
  const prefixes = Object.values(resources).map((name) => `${stack}-${name}-`);
  const prefix = prefixes.find((one) => resource.startsWith(one));
  return prefix && resource.slice(prefix.length);
}

/** Where an environment's data was at the last `up`, as the step `place` was told. */
export interface LastPlace {
  /** undefined where it was on no machine of the platform. */
  readonly database?: string;
  readonly files: string;
  readonly shared: boolean;
}

/** What Pulumi calls the step that marks where an environment's data is. */
export const placeResource = (stack: string): string => `${stack}-place`;

/** @param input The step's input as Pulumi's state has it; undefined where it knows of none. */
export const readLastPlace = (input: unknown): LastPlace | undefined =>
  typeof input === "string" ? (JSON.parse(input) as LastPlace) : undefined;
