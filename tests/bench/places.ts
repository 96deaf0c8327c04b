import { rm } from "node:fs/promises";
import { docker } from "../support/docker";
import { Xfs } from "../support/xfs";

/** Where volumes are. */
export interface Place {
  /** As the table names it. */
  readonly filesystem: "ext4" | "XFS";
  /** Makes an empty volume there. */
  volume(name: string): Promise<string>;
  /** Removes a volume with what is in it, once no container uses it. */
  removeVolume(name: string): Promise<void>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

/**
 * Makes a place for databases and files.
 * @param filesystem `ext4` stands for what Docker has its volumes on; `XFS` is one that can share blocks.
 * @param bytes What is to be in it; an XFS gets room for that four times over, and for some gigabytes more.
 */
export async function makePlace(filesystem: Place["filesystem"], bytes: number): Promise<Place> {
  const xfs = filesystem === "XFS" ? await Xfs.create(4_000 + Math.ceil((4 * bytes) / 1024 ** 2)) : undefined;
  const folders = new Map<string, string | undefined>();
  const place: Place = {
    filesystem,
    async volume(name) {
      const folder = xfs?.folderFor(name);
      folders.set(name, folder);
      const bind = folder ? ["--opt", "type=none", "--opt", "o=bind", "--opt", `device=${folder}`] : [];
      await docker("volume", "create", "--label", "odoo-stacks.bench", "--driver", "local", ...bind, name);
      return name;
    },
    async removeVolume(name) {
      await docker("volume", "rm", "--force", name);
      const folder = folders.get(name);
      if (folder) await rm(folder, { recursive: true, force: true });
      folders.delete(name);
    },
    async remove() {
      try {
        for (const name of folders.keys()) await place.removeVolume(name);
      } finally {
        await xfs?.remove();
      }
    },
  };
  return place;
}
