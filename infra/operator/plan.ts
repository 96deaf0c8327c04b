import type { ProxyService } from "../commands/proxy";
import type { FilesPlace, FilesWanted } from "../swarm/files";
import type { SnapshotChoice } from "./snapshot";
import type { Watched } from "./watched";

/** How an upgrade of modules is chosen: by content, not at all, everything, or by name. */
export type UpgradeChoice = "auto" | "none" | "all" | readonly string[];

/** Who asked for a release. */
export interface Author {
  readonly user: string;
  readonly host: string;
  /** The git commit that was checked out, with `+` where files differed from it; empty outside a checkout. */
  readonly commit: string;
}

/**
 * All that the operator needs to know to carry out a release. Handed over as JSON; it holds no secrets.
 */
export interface ReleasePlan {
  readonly version: 1;
  /** Time and a random part: `20261123-191500-1a2b3c`. */
  readonly id: string;
  readonly stack: string;
  readonly stage: "production" | "staging" | "development";
  /** Name of the database. */
  readonly database: string;
  /** Whether its server is no container of the platform: then psql runs in a client's container. @default false */
  readonly remoteDatabase?: boolean;
  /** The version to go to. */
  readonly image: { readonly id: string; readonly tag: string };
  /** Names of the new web services that stand beside the old ones, one for each web machine. */
  readonly webServices: readonly string[];
  /** Name of the network that jobs join. */
  readonly network: string;
  readonly volumes: { readonly filestore: string; readonly releases: string };
  /** Name of the proxy's container on the manager. */
  readonly proxy: string;
  /** The platform's stack, whose label all proxies carry, where there are several; undefined where there is the manager's alone. */
  readonly proxiesOf?: string;
  /** Where requests lead afterwards; the first is the one whose requests are held. */
  readonly routes: readonly ProxyService[];
  /** HTTP processes of a web container. */
  readonly workers: number;
  /** Modules that must be installed afterwards. */
  readonly modules: readonly string[];
  /** Modules that must not be installed afterwards. */
  readonly uninstall: readonly string[];
  readonly upgrade: UpgradeChoice;
  /** Requests are held no longer than this; a longer upgrade shows the maintenance page. In seconds. */
  readonly maxHoldSeconds: number;
  /** An upgrade that takes longer is ended and undone. In seconds. */
  readonly upgradeTimeoutSeconds: number;
  /** How the database is brought back when an upgrade fails; `pitr` and `rds` on RDS, where people do that. */
  readonly snapshot: SnapshotChoice;
  /** Whether a change of modules is tried on a copy first; `auto`: in production where files can share blocks. */
  readonly rehearse: "auto" | "always" | "never";
  /** How long the new version's logs are watched afterwards, in seconds; 0 not at all. */
  readonly watchSeconds: number;
  /** How many sets of earlier releases are kept. */
  readonly keepSets: number;
  /** Patterns of log lines that are no failure. */
  readonly allowedLogLines: readonly string[];
  /** The stack's file as it is in version control, for the set. */
  readonly configuration: string;
  /**
   * Where the files have to be. Where the Swarm's labels have them elsewhere, the release brings them there and does nothing
   * else. Undefined where one machine has everything.
   */
  readonly files?: FilesWanted;
  /** ID of the copy of another environment whose data is to be there; undefined where the data is the environment's own. */
  readonly copy?: string;
  /** How many of those that a copy has replaced are kept. @default none */
  readonly keepFormer?: number;
  /** Why the image was accepted although another environment has not tried it; undefined where that was not needed. */
  readonly override?: string;
  readonly author: Author;
}

/** What was changed in the modules. */
export interface ModuleChanges {
  readonly install: readonly string[];
  readonly upgrade: readonly string[];
  readonly uninstall: readonly string[];
}

/** Files that a release has brought to another place. */
export interface FilesMoved {
  /** Where they were until then. */
  readonly from: FilesPlace;
  readonly to: FilesPlace;
  /** All of them, and their bytes; undefined before they were counted, or where only records went to another machine. */
  readonly files?: number;
  readonly bytes?: number;
}

/** A release as the history keeps it. */
export interface ReleaseRecord {
  readonly id: string;
  readonly image: ReleasePlan["image"];
  readonly modules: ModuleChanges;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** `restored`: no release, but the data of an earlier one was put back. */
  readonly result: "released" | "failed" | "restored";
  /** Why it failed, or what was put back; empty otherwise. */
  readonly reason: string;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
  /** How long requests were held, in seconds; 0 without a hold. */
  readonly heldSeconds: number;
  /** How long users saw the maintenance page instead, in seconds; undefined where they did not. */
  readonly pageSeconds?: number;
  /** How long the change of modules took on a copy, in seconds; undefined where it was not tried on one. */
  readonly rehearsedSeconds?: number;
  /** What the logs told afterwards; undefined where nobody watched. Kept apart from the record, and added when it is read. */
  readonly watched?: Watched;
  /** True when a set with its database was kept. */
  readonly set: boolean;
  /** ID of the copy of another environment whose data came with it; undefined where the data stayed. */
  readonly copy?: string;
  /** The files that it brought to another place; undefined where they stayed. */
  readonly files?: FilesMoved;
  /** Why it was let through the gate, where it was. */
  readonly override?: string;
  readonly author: Author;
}
