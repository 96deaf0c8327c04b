import { type Problem, UserError } from "../../core/errors";

/** A resource with data, and what AWS knows it by. */
export type DataResource = "rds" | "efs" | "bucket";

/** Properties of a resource, as Pulumi names them. */
export type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

/** A property that can't change where it is. */
interface Fixed {
  /** How to get there all the same. */
  readonly wayOut: string;
  /** Whether a change from one value to another is what can't be done. @default any change */
  readonly refused?: (before: unknown, wanted: unknown) => boolean;
}

const copyOf = "a snapshot of it, copied with the new key, restored beside it";
const asItIs = "Put the old value back.";

/** The first number of a version. */
const major = (version: unknown): string => String(version).split(".")[0] ?? "";

/**
 * What may not change on resources with data. Nearly all of it Pulumi could only do by making another one and deleting what is there:
 * found out by plans of the provider, one property after the other. The rest AWS would refuse, or do in a way that hurts.
 */
const fixed: Readonly<Record<DataResource, Readonly<Record<string, Fixed>>>> = {
  rds: {
    engine: { wayOut: `${asItIs} Another engine is a move by pg_dump and pg_restore.` },
    engineVersion: {
      wayOut: `${asItIs} Another major version is a blue/green deployment: docs/aws-rds.md`,
      refused: (before, wanted) => major(before) !== major(wanted),
    },
    identifier: { wayOut: `${asItIs} Renaming it changes its address, and Odoo would lose it.` },
    dbName: { wayOut: `${asItIs} Databases are made by SQL; this one is only what the instance began with.` },
    username: { wayOut: `${asItIs} The master user stays; give another role its rights by SQL.` },
    storageEncrypted: { wayOut: `${asItIs} To encrypt one that is not: ${copyOf}.` },
    kmsKeyId: { wayOut: `${asItIs} To have it encrypted with another key: ${copyOf}.` },
    snapshotIdentifier: { wayOut: `${asItIs} To have another snapshot's data: another instance beside this one.` },
    availabilityZone: { wayOut: `Leave it out: with multiAz RDS chooses, and changes zones by itself.` },
    allocatedStorage: {
      wayOut: `${asItIs} Storage can't shrink: move the data to a smaller instance by pg_dump and pg_restore.`,
      refused: (before, wanted) => Number(wanted) < Number(before),
    },
  },
  efs: {
    encrypted: { wayOut: `${asItIs} To encrypt one that is not: another file system, and the files copied.` },
    kmsKeyId: { wayOut: `${asItIs} To have another key: another file system, and the files copied.` },
    performanceMode: { wayOut: `${asItIs} To have another mode: another file system, and the files copied.` },
    availabilityZoneName: { wayOut: `${asItIs} To be in several zones: another file system, and the files copied.` },
    creationToken: { wayOut: asItIs },
  },
  bucket: {
    bucket: { wayOut: `${asItIs} A bucket can't be renamed: make another one, and copy what is in it.` },
    region: { wayOut: `${asItIs} A bucket can't be moved: make another one, and copy what is in it.` },
  },
};

/**
 * Refuses a change of a resource with data that would replace it, before Pulumi begins with anything.
 * @param name What people call it.
 * @param before What it is now, as its outputs say; undefined where it is not there yet.
 * @param wanted What it is to be. What is not said here is left to AWS.
 * @throws UserError naming each property, and the way out.
 */
export function refuseReplacement(
  kind: DataResource,
  name: string,
  before: Properties | undefined,
  wanted: Properties,
): void {
  if (before === undefined) return;
  const problems = Object.entries(fixed[kind]).flatMap(([property, { wayOut, refused = differ }]): Problem[] => {
    const [is, will] = [before[property], wanted[property]];
    if (is === undefined || will === undefined || !refused(is, will)) return [];
    return [{ path: property, expected: String(is), found: String(will), hint: wayOut }];
  });
  if (problems.length > 0) throw new UserError(`${name} has data, and can't be changed like this.`, problems);
}

const differ = (before: unknown, wanted: unknown): boolean => before !== wanted;
