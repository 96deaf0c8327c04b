import type { Report } from "../../core/report";
import type { MoveCheck, MoveSource } from "./plan";
import type { ServerAnswer } from "./sql";

/** What a volume has in it. */
export interface VolumeContent {
  /** Bytes. */
  readonly free: number;
  readonly empty: boolean;
}

/** What is there before requests are held. */
export interface Followed {
  /** How many tables there are. */
  readonly tables: number;
  /** Those whose rows can be counted in a moment, as SQL names them. */
  readonly countable: readonly string[];
}

/** The volume on the machine that the database goes to. */
export interface VolumeWork {
  exists(volume: string): Promise<boolean>;
  make(source: MoveSource): Promise<void>;
  look(volume: string): Promise<VolumeContent>;
  /** Removes it once nothing uses it any more. @throws Error when the database is on that machine, or containers do not let go. */
  remove(volume: string): Promise<void>;
}

/** What the steps of a move do on machines; `machines.ts` does it. Everything may be asked for again after a crash. */
export interface MoveWork {
  /** Finds out where the database is. @throws UserError when it can't be moved as it is. */
  find(): Promise<MoveSource>;
  readonly volume: VolumeWork;
  /** Makes the copy there, while people go on working. */
  copy(source: MoveSource, report: Report): Promise<void>;
  /** Has the copy follow the server; returns when it keeps up. */
  follow(): Promise<Followed>;
  /** Tells everyone who works in Odoo. */
  tellUsers(): Promise<void>;
  /** Writes to disk what is due in both places, and prepares what would take time later. */
  settle(source: MoveSource): Promise<void>;
  /** Has the database take no sessions any more, in neither place, and says what it is. */
  freeze(followed: Followed): Promise<ServerAnswer>;
  /** Ends the server, and starts the one on the copy once that has everything. */
  switchOver(source: MoveSource): Promise<void>;
  /** Returns when the server in the new place answers, as what the old one was. @throws Error when it is not that. */
  verify(followed: Followed, before: ServerAnswer): Promise<MoveCheck>;
  /** Starts the old server again; returns when it answers. */
  goBack(source: MoveSource): Promise<void>;
  /** Removes the containers of the move, on both machines. */
  removeContainers(source: MoveSource): Promise<void>;
  /** Has the database take sessions again, on the machine that it is on. */
  letIn(machine: string, source: MoveSource): Promise<void>;
  /** Ends what the copy was made with on a machine's server. */
  dismiss(machine: string): Promise<void>;
}
