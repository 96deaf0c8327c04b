import type { Problem } from "../core/errors";

/** A domain as DNS compares it: in small letters, without the dot at its end. */
export const plainDomain = (domain: string): string => domain.toLowerCase().replace(/\.$/, "");

/**
 * What is wrong with domains that are to be in a hosted zone: those that are neither it nor below it.
 * @param zone The zone's domain.
 * @param domains The domains, by the path of the config key that each is from; `*.` in front means any name at that place.
 */
export function domainProblems(zone: string, domains: readonly (readonly [path: string, domain: string])[]): Problem[] {
  const within = (domain: string) => domain === plainDomain(zone) || domain.endsWith(`.${plainDomain(zone)}`);
  return domains
    .filter(([, domain]) => !within(plainDomain(domain).replace(/^\*\./, "")))
    .map(([path, domain]) => ({
      path,
      expected: `${plainDomain(zone)} or a name below it, since that is the hosted zone`,
      found: domain,
      hint: "Take a name in that zone, or name the zone that the domain is in; one hosted elsewhere needs a zone in Route 53.",
    }));
}

/** Whether a certificate for some names is for a domain as well: by its name, or by `*.` and the one label before the rest. */
export const isCovered = (domain: string, names: readonly string[]): boolean =>
  names.includes(domain) || names.includes(domain.replace(/^[^.]+/, "*"));

/** Whether the name of a hosted zone is its ID. */
export const isZoneId = (zone: string): boolean => /^Z[A-Z0-9]{5,31}$/.test(zone);
