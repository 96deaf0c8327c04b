import { docker } from "../support/docker";
import { Xfs } from "../support/xfs";

/** Where the database's files are. */
export interface Place {
  /** As the table names it. */
  readonly filesystem: "ext4" | "XFS";
  /** Name of the volume that is there; undefined where the environment makes its own. */
  readonly volume?: string;
  /** Removes it, once no container uses it. */
  remove(): Promise<void>;
}

/**
 * Makes a place for a database.
 * @param filesystem `ext4` stands for what Docker has its volumes on; `XFS` is a volume on one that can share blocks.
 * @param name Of the volume.
 * @param bytes What is to be in it; it gets room for that four times over.
 */
export async function makePlace(filesystem: Place["filesystem"], name: string, bytes: number): Promise<Place> {
  if (filesystem === "ext4") return { filesystem, remove: () => Promise.resolve() };
  const xfs = await Xfs.create(4_000 + Math.ceil((4 * bytes) / 1024 ** 2));
  const remove = async () => {
    try {
      await docker("volume", "rm", "--force", name);
    } finally {
      await xfs.remove();
    }
  };
  try {
    const options = ["--driver", "local", "--opt", "type=none", "--opt", "o=bind"];
    await docker("volume", "create", ...options, "--opt", `device=${xfs.folderFor(name)}`, name);
    return { filesystem, volume: name, remove };
  } catch (error) {
    await xfs.remove();
    throw error;
  }
}
