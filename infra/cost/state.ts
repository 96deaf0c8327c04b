import type { Deployment, EngineEvent } from "@pulumi/pulumi/automation";
import type { Billed } from "./line";

/** A resource as Pulumi's state, or a preview, has it, as far as costs need it. */
interface Kept {
  readonly urn: string;
  readonly type: string;
  readonly custom?: boolean;
  /** Whether it is the old one of a replacement. */
  readonly delete?: boolean;
  /** Whether the program only reads it. */
  readonly external?: boolean;
  /** `urn::id` of its provider. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** All resources of a stack, by URN. */
export type Resources = ReadonlyMap<string, Kept>;

/** What Pulumi writes in the place of a text that is not known before an `up` (`UnknownStringValue`, sdk/go/common/resource). */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The resources that a stack's state has; the old ones of replacements that still have to go are left out. */
export function currentResources({ deployment }: Pick<Deployment, "deployment">): Resources {
  const { resources = [] } = (deployment ?? {}) as { resources?: readonly Kept[] };
  return new Map(resources.filter((one) => !one.delete).map((one) => [one.urn, one]));
}

/**
 * The resources that a stack would have after what a preview told of.
 * @param current Those that it has.
 * @param events What the preview told, in order.
 */
export function plannedResources(current: Resources, events: readonly EngineEvent[]): Resources {
  const planned = new Map(current);
  for (const { resourcePreEvent } of events) {
    const { op, urn = "", new: after, provider } = resourcePreEvent?.metadata ?? {};
    if (op === "delete") planned.delete(urn);
    // The new one of a replacement has the same URN as the old one, whose end is told of apart.
    else if (after && op !== "delete-replaced") planned.set(urn, { external: op === "read", ...after, provider });
  }
  return planned;
}

/**
 * The resources that AWS bills.
 * @param region The region of the stack's own provider, where it has one.
 */
export function billed(resources: Resources, region: string | undefined): Billed[] {
  return [...resources.values()]
    .filter(({ type, external }) => type.startsWith("aws:") && external !== true)
    .map((one) => ({
      urn: one.urn,
      name: one.urn.split("::").slice(3).join("::"),
      type: one.type,
      region: text(one.inputs?.region) ?? text(one.outputs?.region) ?? providersRegion(one, resources) ?? region,
      inputs: known(one.inputs ?? {}),
    }));
}

function providersRegion({ provider }: Kept, resources: Resources): string | undefined {
  const urn = provider?.split("::").slice(0, -1).join("::");
  return urn === undefined ? undefined : text(resources.get(urn)?.inputs?.region);
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && value !== unknownValue ? value : undefined;

/** Inputs without those that are not known yet. */
function known(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs)
      .filter(([, value]) => value !== unknownValue)
      .map(([key, value]) => [key, deepKnown(value)]),
  );
}

function deepKnown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepKnown);
  if (typeof value !== "object" || value === null) return value;
  return known(value as Record<string, unknown>);
}
