import { isShared, type KeptVolume } from "../swarm/knownVolumes";
import type { Place } from "../swarm/places";

/**
 * The volumes on a machine whose data is elsewhere by now. Without a mark that says where data is, nobody knows, and nothing is.
 * @param place Where the data is.
 * @param volumes All volumes with data of the environment on the machine.
 */
export function leftOn(
  stack: string,
  machine: string,
  place: Place,
  volumes: readonly KeptVolume[],
): readonly KeptVolume[] {
  const elsewhere = (at: string | undefined) => at !== undefined && at !== machine;
  return volumes.filter(({ name, role }) => {
    switch (role) {
      case "postgres-data":
        // Marked is the machine that it was moved to RDS from.
        return place.onRds === true || elsewhere(place.database);
      case "filestore":
        // The folder that is shared is in use on every web machine; a volume of its own is what the files were in before.
        if (place.files === undefined) return false;
        return isShared(stack, name) !== place.shared || (!place.shared && elsewhere(place.files));
      case "releases":
        return elsewhere(place.files);
      default:
        return false;
    }
  });
}

/** What of a resource in Pulumi's state matters here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** URN and ID of its provider: `urn::…::name::id`. */
  readonly provider?: string;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly deletedWith?: string;
  /** What it was declared with. */
  readonly inputs?: Readonly<Record<string, unknown>>;
}

/** Whether a resource is a volume. */
export const isVolume = ({ type }: StateResource): boolean => type === "docker:index/volume:Volume";

/** The name in a URN. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

/** What goes out of the state, by URN. */
export interface Forgotten {
  readonly volumes: readonly string[];
  /** Of those providers that nothing else is made by; to be taken out after the volumes. */
  readonly providers: readonly string[];
  /** What still needs the volumes: then nothing may go. */
  readonly needed: readonly string[];
}

/**
 * Finds out what has to go out of Pulumi's state together with volumes, so that the next `up` has nothing to do.
 * @param names What Pulumi calls the volumes.
 */
export function forgetting(resources: readonly StateResource[], names: readonly string[]): Forgotten {
  const volumes = resources.filter((resource) => isVolume(resource) && names.includes(nameOf(resource.urn)));
  const going = new Set(volumes.map(({ urn }) => urn));
  const staying = resources.filter(({ urn }) => !going.has(urn));
  const providers = new Set(
    volumes.flatMap(({ provider }) => (provider ? [provider.split("::").slice(0, -1).join("::")] : [])),
  );
  const unused = [...providers].filter(
    (provider) =>
      !staying.some((resource) => resource.provider?.startsWith(`${provider}::`) || needs(resource).includes(provider)),
  );
  const needed = staying.filter((resource) => needs(resource).some((urn) => going.has(urn)));
  return { volumes: [...going], providers: unused, needed: needed.map(({ urn }) => urn) };
}

const needs = ({
  parent,
  dependencies = [],
  propertyDependencies = {},
  deletedWith,
}: StateResource): readonly string[] => [
  ...dependencies,
  ...Object.values(propertyDependencies).flatMap((urns) => urns ?? []),
  ...[parent, deletedWith].flatMap((urn) => (urn ? [urn] : [])),
];
