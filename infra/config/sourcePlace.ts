import { machineNamed, type Platform } from "./platformOutput";
import type { Source } from "./sourceOutput";

/** Where the data is that an environment is copied from, as seen from the machine where the copy is made. */
export interface SourcePlace {
  /** The Engine of the machine that its files are read on, as `DOCKER_HOST` names it. */
  readonly filesHost: string;
  /** Names of the machines with its data, as far as that is not on the machine where the copy is made. */
  readonly elsewhere?: { readonly database?: string; readonly files?: string };
  /** Where its files are, if that is on another platform: nothing here has a way there. @default on this platform */
  readonly other?: OtherPlace;
}

/** Where a source's files are on another platform. */
export interface OtherPlace {
  /** That platform's stack. */
  readonly platform: string;
  /** Name of its machine with the files. */
  readonly machine: string;
  /** ID of an image there by which they are read: the operator's. */
  readonly operator: string;
}

/**
 * Finds the nearest place of a source's data.
 * @param place Where the Swarm's labels say that it is.
 * @param own Name of the machine where the copy is made.
 */
export function sourcePlaceOf(
  platform: Pick<Platform, "machines" | "placement">,
  source: Pick<Source, "stage" | "onRds">,
  place: { readonly database?: string; readonly files?: string; readonly shared: boolean },
  own: string,
): SourcePlace {
  const named = (name = "") => machineNamed(platform, name);
  const first = named(place.files);
  // All that share the files have them.
  const sharing = place.shared ? platform.placement[source.stage].web.map(named) : [];
  const files = [first, ...sharing].find(({ name }) => name === own) ?? first;
  const elsewhere = {
    // A database on RDS is on none of them.
    ...(source.onRds || named(place.database).name === own ? {} : { database: named(place.database).name }),
    ...(files.name === own ? {} : { files: files.name }),
  };
  return { filesHost: files.dockerHost, ...(Object.keys(elsewhere).length > 0 ? { elsewhere } : {}) };
}
