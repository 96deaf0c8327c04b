import { UserError } from "../core/errors";
import type { DataVolume } from "./target";

/** The volumes with data of an environment, by role. */
export type VolumeNames = Readonly<Record<"postgres-data" | "filestore", string>>;

const paths: Readonly<Record<keyof VolumeNames, string>> = {
  "postgres-data": "database.volume",
  filestore: "filestore.volume",
};

/** Where an environment's data is. */
export interface DataPlace {
  readonly volumes: VolumeNames;
  /** Name of the database. */
  readonly database: string;
}

/**
 * Refuses a configuration that would move a stack to other volumes than those with its data, or to another database: the
 * old ones would be left behind, or deleted, and the stack would start empty.
 * @param stack The stack.
 * @param place Where its configuration says the data is.
 * @param existing The volumes that carry the stack's label.
 */
export function requireSamePlace(stack: string, place: DataPlace, existing: readonly DataVolume[]): void {
  const { volumes: wanted, database } = place;
  const roles = Object.keys(paths) as (keyof VolumeNames)[];
  const problems = roles.flatMap((role) => {
    const old = existing
      .filter((volume) => volume.role === role && volume.name !== wanted[role])
      .map(({ name }) => name);
    if (old.length === 0 || existing.some((volume) => volume.role === role && volume.name === wanted[role])) return [];
    return [
      {
        path: paths[role],
        expected: `"${old.join('" or "')}", which holds data of ${stack}`,
        found: `"${wanted[role]}"`,
        hint: `Put the old name back. To start empty, destroy the stack first: odoo-stacks destroy ${stack}`,
      },
    ];
  });
  const cluster = existing.find((volume) => volume.name === wanted["postgres-data"]);
  if (cluster?.database !== undefined && cluster.database !== database) {
    problems.push({
      path: "database.name",
      expected: `"${cluster.database}", the database that the volume ${cluster.name} holds`,
      found: `"${database}"`,
      hint: "Put the old name back. Another name would mean a new, empty database.",
    });
  }
  if (problems.length > 0) throw new UserError(`The configuration would leave data of ${stack} behind.`, problems);
}
