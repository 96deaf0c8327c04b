import { copyFolders, type CopyPlan } from "./plan";

/** How the operator and its jobs reach an instance that was restored from a snapshot. */
export interface RdsServerPlan {
  readonly host: string;
  readonly port: number;
  /** The role that owns the database; no superuser. */
  readonly role: string;
  /** Its password; a secret. */
  readonly password: string;
  /** Certificates, as PEM, one of which has to have signed the server's. */
  readonly trust: string;
  /** Name of a network with a way to it. */
  readonly network: string;
  /** ID of an image with psql. */
  readonly client: string;
}

/**
 * All that the operator needs to know to secure a copy of another environment that was restored on RDS, and to bring its files. Handed over
 * as JSON on standard input, because it holds a password.
 */
export interface RdsCopyPlan extends Omit<CopyPlan, "snapshot" | "method"> {
  /** The moment of the source that the snapshot is of, ISO 8601. */
  readonly dataFrom: string;
  readonly server: RdsServerPlan;
}

/**
 * Mounts of the operator, beside those that every operator has: the source's files alone, which it can't write to, and where they are on
 * this machine.
 */
export const rdsCopyMounts = ({ source }: Pick<RdsCopyPlan, "source">): readonly string[] =>
  source.elsewhere?.files || source.other ? [] : [`${source.volumes.filestore}:${copyFolders.source.files}:ro`];
