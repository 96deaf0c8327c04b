import type { Stack } from "@pulumi/pulumi/automation";
import { type LastPlace, machineOfVolume, placeResource, readLastPlace } from "../swarm/knownVolumes";
import { forgetting, isVolume, nameOf, type StateResource } from "./leftVolumes";
import { explained } from "./workspace";

/** What Pulumi's state has of a stack, as the Automation API hands it over. */
export interface KnownState {
  readonly exported: Awaited<ReturnType<Stack["exportStack"]>>;
  readonly resources: readonly StateResource[];
}

/** Reads it. @param name The stack's name, for messages. */
export async function readState(stack: Stack, name: string): Promise<KnownState> {
  const exported = await explained(name, () => stack.exportStack());
  const { resources = [] } = (exported.deployment ?? {}) as { readonly resources?: readonly StateResource[] };
  return { exported, resources };
}

/** The volumes with data of a stack that its state has on a machine other than the manager: what Pulumi calls them. */
export const volumesKnownOn = (stack: string, machine: string, resources: readonly StateResource[]): string[] =>
  resources
    .filter((resource) => isVolume(resource) && machineOfVolume(stack, nameOf(resource.urn)) === machine)
    .map(({ urn }) => nameOf(urn));

/** Where an environment's data was at the last `up`. */
export const lastPlaceIn = (stack: string, resources: readonly StateResource[]): LastPlace | undefined =>
  readLastPlace(resources.find(({ urn }) => nameOf(urn) === placeResource(stack))?.inputs?.stdin);

/**
 * Takes volumes out of a stack's state, also protected ones and those that something else there needs, and the providers that nothing
 * else is made by. On their machine nothing is touched.
 * @param names What Pulumi calls them.
 */
export async function forgetVolumes(
  stack: Stack,
  { exported, resources }: KnownState,
  names: readonly string[],
): Promise<void> {
  const { volumes, providers } = forgetting(resources, names);
  const deployment = { ...(exported.deployment as object), resources: without(resources, [...volumes, ...providers]) };
  await stack.importStack({ ...exported, deployment });
}

/** The resources but for some, which nobody depends on any more: the next `up` says what does anew. */
export function without(resources: readonly StateResource[], urns: readonly string[]): readonly StateResource[] {
  const stays = (urn: string) => !urns.includes(urn);
  const left = resources.filter(({ urn }) => stays(urn));
  return left.map((resource) => {
    const { dependencies, propertyDependencies, deletedWith } = resource;
    const properties = Object.entries(propertyDependencies ?? {}).map(([property, needed]) => {
      return [property, needed?.filter(stays) ?? null] as const;
    });
    return {
      ...resource,
      ...(dependencies ? { dependencies: dependencies.filter(stays) } : {}),
      ...(propertyDependencies ? { propertyDependencies: Object.fromEntries(properties) } : {}),
      ...(deletedWith !== undefined && !stays(deletedWith) ? { deletedWith: undefined } : {}),
    };
  });
}
