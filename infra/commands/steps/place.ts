import { forgetPlace, markPlace, type PlacedData, placeOf, swarmNodes } from "../../swarm/places";
import type { StepModule } from "../step";

/** Where the data of an environment is to be when it has none yet. */
export interface PlaceInput {
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  readonly stack: string;
  /** Name of the machine with the database; undefined where it is on none of them. */
  readonly database?: string;
  /** Name of the machine with the files. */
  readonly files: string;
  /** Whether the files are in a folder that several machines have in common. */
  readonly shared: boolean;
  /** Data that was found there although its mark is gone, and gets it back. @default none */
  readonly unmarked?: readonly PlacedData[];
}

/**
 * Marks the machines where the data of an environment is: the first time, and where a mark is gone from data that is still there.
 * Without the data there is no mark again, or an empty database would be started in place of a lost one. Where there is a mark, it
 * stays: data is moved by commands alone.
 */
export const step: StepModule<PlaceInput, Record<string, never>> = {
  async apply({ dockerHost, stack, database, files, shared, unmarked = [] }, _, before) {
    const env = { DOCKER_HOST: dockerHost };
    const marked = placeOf(stack, await swarmNodes(env));
    const isDue = (what: PlacedData) => marked[what] === undefined && (before === undefined || unmarked.includes(what));
    if (database !== undefined && isDue("database")) await markPlace("database", stack, database, env);
    if (isDue("files")) await markPlace("files", stack, files, env, shared ? "shared" : "true");
    return {};
  },
  remove: ({ dockerHost, stack }) => forgetPlace(stack, { DOCKER_HOST: dockerHost }),
};
