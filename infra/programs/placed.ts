import * as docker from "@pulumi/docker";
import type { VolumePlace } from "../../components/core/dataVolume";
import { machineNamed, type Platform, type PlatformMachine } from "../config/platformOutput";
import type { Stage } from "../config/schema";
import type { Source } from "../config/sourceOutput";
import { type SourcePlace, sourcePlaceOf } from "../config/sourcePlace";
import { managerOf } from "../targets";
import type { Where } from "./where";

/** What reaches the Engines of the machines that have an environment's volumes; one provider for each. */
export class VolumePlaces {
  private readonly known = new Map<string, VolumePlace>();

  /** @param manager Reaches the manager. */
  constructor(
    private readonly stack: string,
    private readonly platform: Platform,
    private readonly manager: docker.Provider,
  ) {}

  /** How the volumes of a machine are declared. */
  on({ name, dockerHost }: PlatformMachine): VolumePlace {
    const place = this.known.get(name) ?? this.make(name, dockerHost);
    this.known.set(name, place);
    return place;
  }

  private make(name: string, dockerHost: string): VolumePlace {
    if (dockerHost === this.platform.docker.host) return { suffix: "", provider: this.manager };
    return { suffix: `-${name}`, provider: new docker.Provider(`${this.stack}-docker-${name}`, { host: dockerHost }) };
  }
}

/**
 * The platform with an environment's parts where they are. While some of them are not where they belong, neither are those of
 * others, most likely: then all stages share its machines, as before the platform grew.
 */
export function placedAt(platform: Platform, stage: Stage, { database, web, inPlace }: Where): Platform {
  const is = { database: database.name, web: web.map(({ name }) => name) };
  const all = inPlace ? platform.placement : { production: is, staging: is, development: is };
  return { ...platform, placement: { ...all, [stage]: is } };
}

/**
 * The Engine of the machine with an environment's files, where its operator works and keeps its history.
 * @param stack Its stack; undefined for none.
 */
export async function operatorHostOf(stack: string | undefined, platform: Platform): Promise<string> {
  if (stack === undefined || platform.target === "local") return platform.docker.host;
  const { files = "" } = await managerOf(platform).place(stack);
  return machineNamed(platform, files).dockerHost;
}

/** Where the files are of an environment on another platform, which was checked. */
export async function placeOnOther({ stack, operator }: Source, platform: Platform): Promise<SourcePlace> {
  if (operator === undefined) throw new Error("a source that was not checked");
  const { files = "" } = await managerOf(platform).place(stack);
  const { name, dockerHost } = machineNamed(platform, files);
  return { filesHost: dockerHost, other: { platform: platform.stack, machine: name, operator } };
}

/**
 * Where the data is that an environment is copied from.
 * @param own The machine where the copy is made.
 */
export async function placeOfSource(
  source: Source,
  platform: Platform,
  own: Pick<PlatformMachine, "name">,
): Promise<SourcePlace> {
  if (platform.target === "local") return { filesHost: platform.docker.host };
  return sourcePlaceOf(platform, source, await managerOf(platform).place(source.stack), own.name);
}
