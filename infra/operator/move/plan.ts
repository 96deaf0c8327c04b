import type { Author, ReleasePlan } from "../plan";

/**
 * What is moved, and where to. Handed over as JSON. All but `id` and `author` is of the environment's last release, which says
 * where everything is.
 */
export interface MovePlan extends ReleasePlan {
  /** The machine that the database goes to, as its platform calls it. */
  readonly to: string;
  /** ID of the image that the server runs; the machine that it goes to has it. */
  readonly serverImage: string;
}

/** The steps of a move, in order. `moved` is the point of no return: what is interrupted before is undone. */
export const moveSteps = [
  "check",
  "volume",
  "copy",
  "follow",
  "announce",
  "stopCron",
  "settle",
  "hold",
  "freeze",
  "switch",
  "verify",
  "moved",
] as const;

/** A step of a move. */
export type MoveStep = (typeof moveSteps)[number];

/** Where the database is, and what has to be known of it. Sizes in bytes. */
export interface MoveSource {
  /** The machine that it is on. */
  readonly from: string;
  /** Name of its Swarm service. */
  readonly service: string;
  /** Name of its volume, and of the one on the machine that it goes to. */
  readonly volume: string;
  /** Labels of the volume. */
  readonly labels: Readonly<Record<string, string>>;
  /** The cluster without its log. */
  readonly bytes: number;
  /** Must be free on the machine that it goes to. */
  readonly needed: number;
  /** How many sessions the database takes; -1 for any number. */
  readonly connectionLimit: number;
  /** IDs of the copies for going back to before a release that are kept in the volume: they stay where they are. */
  readonly left: readonly string[];
}

/** What was compared before the database serves from its new place. */
export interface MoveCheck {
  /** Tables whose rows were counted in both places; the biggest are left out where that would take too long. */
  readonly compared: number;
  /** Tables there are. */
  readonly tables: number;
  /** Rows in the tables compared. */
  readonly rows: number;
}

/** What has to be known of a move under way by whoever takes it up after a crash. */
export interface MoveState {
  readonly plan: MovePlan;
  readonly startedAt: string;
  /** The last step that was begun. */
  readonly step: MoveStep;
  readonly source?: MoveSource;
  /** The volume that a move has made on a machine, for as long as it is not the environment's; also of an earlier move. */
  readonly made?: { readonly machine: string; readonly volume: string };
  /** The service of scheduled jobs, once it has been stopped. */
  readonly cron?: string;
  readonly check?: MoveCheck;
  /** When requests began to be held, ISO 8601. */
  readonly heldSince?: string;
  readonly heldSeconds?: number;
  /** When users began to see the maintenance page, ISO 8601. */
  readonly pageSince?: string;
  readonly pageSeconds?: number;
  readonly seconds: Readonly<Record<string, number>>;
  /** How it ended; undefined while it is under way. */
  readonly outcome?: MoveRecord;
}

/** A move as it is kept. */
export interface MoveRecord extends MoveCheck {
  readonly id: string;
  /** The machine that the database was on; empty where that is not known. */
  readonly from: string;
  readonly to: string;
  /** `unchanged`: it was there already. */
  readonly result: "moved" | "unchanged" | "failed";
  /** Why it failed, or what was left undone; empty otherwise. */
  readonly reason: string;
  /** Name of the volume, in both places. */
  readonly volume: string;
  /** Size of the cluster without its log. */
  readonly bytes: number;
  /** IDs of the kept copies that stayed where the database was. */
  readonly left: readonly string[];
  /** How long requests were held, in seconds. */
  readonly heldSeconds: number;
  /** How long users saw the maintenance page after that, in seconds; undefined where they did not. */
  readonly pageSeconds?: number;
  /** Seconds of each step. */
  readonly seconds: Readonly<Record<string, number>>;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly author: Author;
}
