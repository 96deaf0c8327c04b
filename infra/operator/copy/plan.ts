import type { Author, ReleasePlan } from "../plan";
import type { SecurePlan } from "./secure";

/** How the files of a database are copied, as a stack's file may choose it. */
export type CopyMethodChoice = "auto" | "reflink" | "copy" | "basebackup";

/** How they were copied. */
export type CopyMethod = Exclude<CopyMethodChoice, "auto">;

/** The environment that is copied. */
export interface CopySource {
  readonly stack: string;
  /** Name of its database. */
  readonly database: string;
  /** Names of its volumes. */
  readonly volumes: { readonly database: string; readonly filestore: string };
  /** Names of the machines with its data, as far as that is not on the machine where the copy is made. */
  readonly elsewhere?: { readonly database?: string; readonly files?: string };
  /** Where its files are, if that is on another platform: then they wait for the operator, which has no way there. */
  readonly other?: OtherFiles;
}

/** Files of a source on another platform. */
export interface OtherFiles {
  /** That platform's stack, and its machine with the files. */
  readonly platform: string;
  readonly machine: string;
  /** ID of an image there by which they are read: the operator's. */
  readonly operator: string;
}

/**
 * All that the operator needs to know to make a copy of another environment and to secure it. Handed over as JSON on standard
 * input, because it holds the hash of a password.
 */
export interface CopyPlan {
  readonly version: 1;
  /** Time and a random part, as a release has it. */
  readonly id: string;
  /** What was asked for: the same value is the same copy, another one makes a new copy. */
  readonly key: string;
  readonly stack: string;
  /** Never production: a copy takes the place of what is there. */
  readonly stage: "staging" | "development";
  /** Name of its own database. */
  readonly database: string;
  readonly source: CopySource;
  /** `latest`: the source as it is now; else the ID of a set, or a time: the last set before it. */
  readonly snapshot: string;
  readonly method: CopyMethodChoice;
  /** The version whose modules the copy is brought to. */
  readonly image: ReleasePlan["image"];
  /** Names of its own volumes. */
  readonly volumes: { readonly database: string; readonly filestore: string; readonly releases: string };
  /** Which modules there must be afterwards. */
  readonly wishes: Pick<ReleasePlan, "modules" | "uninstall" | "upgrade">;
  /** An upgrade of modules that takes longer is ended. In seconds. */
  readonly upgradeTimeoutSeconds: number;
  /** Patterns of log lines that are no failure. */
  readonly allowedLogLines: readonly string[];
  readonly secure: Omit<SecurePlan, "database" | "obfuscate"> & {
    /** `attachments`: those of `fields.ts` where undefined. */
    readonly obfuscate: Omit<SecurePlan["obfuscate"], "attachments"> & { readonly attachments?: readonly string[] };
  };
  readonly author: Author;
}

/** Where the operator that makes a copy finds what it needs. */
export const copyFolders = {
  /** The source's volumes, which it can't write to; those on another machine are there in containers on that machine. */
  source: { database: "/source/database", files: "/source/files" },
  /** The own volumes. */
  own: { database: "/database", files: "/filestore", releases: "/releases" },
} as const;

/** Mounts of the operator that makes a copy, beside those that every operator has. Docker would make volumes that are elsewhere. */
export const copyMounts = ({ source, volumes }: Pick<CopyPlan, "source" | "volumes">): readonly string[] => [
  ...(source.elsewhere?.database ? [] : [`${source.volumes.database}:${copyFolders.source.database}:ro`]),
  ...(source.elsewhere?.files ? [] : [`${source.volumes.filestore}:${copyFolders.source.files}:ro`]),
  `${volumes.database}:${copyFolders.own.database}`,
];
