import { forgetPlace, markPlace, placeOf, swarmNodes } from "../../swarm/places";
import type { StepModule } from "../step";

/** Where the data of an environment is to be when it has none yet. */
export interface PlaceInput {
  /** The manager's Engine, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  readonly stack: string;
  /** Names of machines. */
  readonly database: string;
  readonly files: string;
  /** Whether the files are in a folder that several machines have in common. */
  readonly shared: boolean;
}

/** Marks the machines where the data of an environment is. Where there is a mark, it stays: data is moved by commands alone. */
export const step: StepModule<PlaceInput, Record<string, never>> = {
  async apply({ dockerHost, stack, database, files, shared }) {
    const env = { DOCKER_HOST: dockerHost };
    const marked = placeOf(stack, await swarmNodes(env));
    if (marked.database === undefined) await markPlace("database", stack, database, env);
    if (marked.files === undefined) await markPlace("files", stack, files, env, shared ? "shared" : "true");
    return {};
  },
  remove: ({ dockerHost, stack }) => forgetPlace(stack, { DOCKER_HOST: dockerHost }),
};
