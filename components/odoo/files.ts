import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { dataVolume } from "../core/dataVolume";
import { Step } from "../core/step";
import type { OdooArgs } from "./odoo";
import { odooUser } from "./odooService";

/** The volumes of an Odoo's files. */
export interface FileVolumes {
  /** The one with attachments and sessions, under one name on every machine. */
  readonly filestore: docker.Volume;
  /** The same on every machine that has it now: a container that came first would make an empty one of that name. */
  readonly everywhere: readonly docker.Volume[];
  /** The one with the records of releases. */
  readonly releases: docker.Volume;
}

/**
 * The volumes with files and with the records of releases, on every machine that needs or has them.
 * @param name What their names as resources begin with.
 */
export function fileVolumes(
  name: string,
  { config, stack, where, places, operator }: Pick<OdooArgs, "config" | "stack" | "where" | "places" | "operator">,
  parent: pulumi.Resource,
): FileVolumes {
  const common = { stack, protect: config.protectData };
  const { sharedPath: path } = where;
  const after = path === undefined ? undefined : sharedFolder(name, path, where, operator, parent);
  const files = { ...common, role: "filestore", name: where.volumes.filestore, path, after } as const;
  const everywhere = places.files.map((place) =>
    dataVolume(`${name}-${path === undefined ? "" : "shared-"}filestore`, { ...place, ...files }, parent),
  );
  // Declared, so that they stay.
  for (const place of places.former) {
    const left = { ...common, role: "filestore", name: config.filestore.volume ?? `${stack}-filestore` } as const;
    dataVolume(`${name}-filestore`, { ...place, ...left }, parent);
  }
  for (const place of places.formerShared) {
    const idle = {
      ...common,
      role: "filestore",
      name: `${stack}-filestore-shared`,
      path: config.filestore.path,
    } as const;
    dataVolume(`${name}-shared-filestore`, { ...place, ...idle }, parent);
  }
  const [filestore] = everywhere;
  // A machine may be both: files that were in a volume of it, and are in a folder now.
  const [releases] = [...new Set([...places.files.slice(0, 1), ...places.former])].map((place) =>
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
