import type { ProxyService } from "../commands/proxy";

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
  /** The version to go to. */
  readonly image: { readonly id: string; readonly tag: string };
  /** Name of the new web service that stands beside the old one. */
  readonly webService: string;
  /** Name of the network that jobs join. */
  readonly network: string;
  readonly volumes: { readonly filestore: string; readonly releases: string };
  /** Name of the proxy's container. */
  readonly proxy: string;
  /** Where requests lead afterwards; the first is the one whose requests are held. */
  readonly routes: readonly ProxyService[];
  /** Modules that must be installed afterwards. */
  readonly modules: readonly string[];
  /** Modules that must not be installed afterwards. */
  readonly uninstall: readonly string[];
  readonly upgrade: UpgradeChoice;
  /** Requests are held no longer than this; a longer upgrade shows the maintenance page. In seconds. */
  readonly maxHoldSeconds: number;
  /** An upgrade that takes longer is ended and undone. In seconds. */
  readonly upgradeTimeoutSeconds: number;
  /** How the database is brought back when an upgrade fails. */
  readonly snapshot: "auto" | "reflink" | "replica";
  /** Whether the upgrade is tried on a copy first; `auto`: in production where the filesystem can reflink. */
  readonly rehearse: "auto" | "always" | "never";
  /** How many sets of earlier releases are kept. */
  readonly keepSets: number;
  /** Patterns of log lines that are no failure. */
  readonly allowedLogLines: readonly string[];
  /** The stack's file as it is in version control, for the set. */
  readonly configuration: string;
  readonly author: Author;
}

/** What was changed in the modules. */
export interface ModuleChanges {
  readonly install: readonly string[];
  readonly upgrade: readonly string[];
  readonly uninstall: readonly string[];
}

/** A release as the history keeps it. */
export interface ReleaseRecord {
  readonly id: string;
  readonly image: ReleasePlan["image"];
  readonly modules: ModuleChanges;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly result: "released" | "failed";
  /** Why it failed; empty otherwise. */
  readonly reason: string;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
  /** How long requests were held, in seconds; 0 without a hold. */
  readonly heldSeconds: number;
  /** True when a set with its database was kept. */
  readonly set: boolean;
  readonly author: Author;
}
