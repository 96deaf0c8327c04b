import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, installPackages } from "../../infra/docker/system";
import { must, sh } from "./shell";

/**
 * An XFS filesystem whose files can share blocks, in a file of this machine, mounted over a loop device. Needs root.
 */
export class Xfs {
  private device = "";

  private constructor(private readonly folder: string) {}

  /** Where it is mounted. */
  get path(): string {
    return join(this.folder, "mount");
  }

  /**
   * Makes and mounts one.
   * @param megabytes Its size, 300 or more; the file takes what is written to it.
   */
  static async create(megabytes: number): Promise<Xfs> {
    if (!findProgram("mkfs.xfs")) await installPackages(["xfsprogs"], (line) => console.log(line));
    const xfs = new Xfs(mkdtempSync(join(tmpdir(), "odoo-stacks-xfs-")));
    const file = join(xfs.folder, "disk");
    try {
      mkdirSync(xfs.path);
      await must(["truncate", `--size=${megabytes}M`, file]);
      await must(["mkfs.xfs", "-q", "-m", "reflink=1", file]);
      // Past the cache of the filesystem below, which would make every sync write everything twice.
      xfs.device = (await must(["losetup", "--find", "--show", "--direct-io=on", file])).stdout.trim();
      await must(["mount", xfs.device, xfs.path]);
      return xfs;
    } catch (error) {
      await xfs.remove();
      throw error;
    }
  }

  /** Makes a folder in it. */
  folderFor(name: string): string {
    const folder = join(this.path, name);
    mkdirSync(folder);
    return folder;
  }

  /** Unmounts and removes it, whatever state it is in. */
  async remove(): Promise<void> {
    if (existsSync(this.path)) await sh(["umount", this.path]);
    if (this.device) await sh(["losetup", "--detach", this.device]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
