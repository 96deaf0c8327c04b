import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { odooUser } from "../../infra/commands/odooConf";
import { filesVolumes } from "../../infra/swarm/files";
import { dataVolume, type VolumePlace } from "../core/dataVolume";
import { Step } from "../core/step";
import type { OdooArgs } from "./odoo";

/** The volumes of an Odoo's files. */
export interface FileVolumes {
  /** The one with attachments and sessions, under one name on every machine. */
  readonly filestore: docker.Volume;
  /** The same on every machine that has it now: a container that came first would make an empty one of that name. */
  readonly everywhere: readonly docker.Volume[];
  /** The one with the records of releases. */
  readonly releases: docker.Volume;
}

/** A volume with files that is not used now. */
export interface FormerFiles extends VolumePlace {
  /** Its name. */
  readonly volume: string;
  /** The folder that it is; undefined for one of Docker's own. */
  readonly path?: string;
}

/**
 * The volumes with files and with the records of releases, on every machine that needs them, and those that are not used now,
 * so that they stay.
 * @param name What their names as resources begin with.
 */
export function fileVolumes(
  name: string,
  { config, stack, where, places, operator }: Pick<OdooArgs, "config" | "stack" | "where" | "places" | "operator">,
  parent: pulumi.Resource,
): FileVolumes {
  const common = { stack, protect: config.protectData };
  const { shared } = filesVolumes(stack);
  const declare = ({ suffix, provider }: VolumePlace, volume: string, path?: string, after?: pulumi.Resource) => {
    const args = { suffix, provider, ...common, role: "filestore", name: volume, path, after } as const;
    // A machine may have both kinds, one of them not used now.
    return dataVolume(`${name}-${volume === shared ? "shared-" : ""}filestore`, args, parent);
  };
  const { sharedPath: path } = where;
  const after = path === undefined ? undefined : sharedFolder(name, path, where, operator, parent);
  const everywhere = places.files.map((place) => declare(place, where.volumes.filestore, path, after));
  for (const place of places.former) declare(place, place.volume, place.path);
  const [filestore] = everywhere;
  const [releases] = [...places.files.slice(0, 1), ...places.formerReleases].map((place) =>
    dataVolume(`${name}-releases`, { ...place, ...common, name: `${stack}-releases`, role: "releases" }, parent),
  );
  if (!filestore || !releases) throw new Error("files without a place");
  return { filestore, everywhere, releases };
}

/** Makes sure that the folder of the files is one on all web machines, before anything is in it. */
function sharedFolder(
  name: string,
  path: string,
  where: OdooArgs["where"],
  operator: OdooArgs["operator"],
  parent: pulumi.Resource,
): Step {
  const machines = [...new Set(where.web)].map(({ name: called, dockerHost }) => ({ name: called, dockerHost }));
  const input = pulumi.output(operator).apply((image) => ({ machines, path, image, ...odooUser }));
  return new Step(`${name}-shared-folder`, { step: "sharedFolder", input }, { parent });
}
