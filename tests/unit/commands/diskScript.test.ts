import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScript, userData } from "../../../infra/commands/machine/script";
import { folderWith } from "../../support/folders";

/** What programs say of a machine's disk. */
interface Disk {
  /** Where it is mounted. */
  readonly mounted?: string;
  /** Its label. */
  readonly label?: string;
  /** Type of what is on it. */
  readonly content?: string;
}

/**
 * Runs the part of the scripts that mounts a disk, with programs in the place of the system's that note what they are asked for. A
 * folder stands in for the disk.
 */
function mount({ mounted = "", label = "", content = "" }: Disk) {
  const answers: Record<string, string> = {
    findmnt: `echo '${mounted}'`,
    blkid: `echo '${label}'`,
    wipefs: `[ -z '${content}' ] || echo '${content}'`,
    lsblk: "echo disk",
    ...{ "mkfs.xfs": "", mount: "", mkdir: "", xfs_growfs: "", grep: "", ls: "" },
  };
  const folder = folderWith({ calls: "", ...answers });
  for (const [name, body] of Object.entries(answers)) {
    spawnSync("sh", [
      "-c",
      `printf '#!/bin/sh\\necho "$0 $*" >>"${folder}/calls"\\n%s\\n' "$1" >"${folder}/${name}"`,
      "",
      body,
    ]);
    chmodSync(join(folder, name), 0o755);
  }
  // The functions alone: `[ -b … ]` is a word of the shell's own.
  const functions =
    readScript("userData").split("# What an instance of AWS")[0]?.replaceAll('[ -b "$disk" ]', "true") ?? "";
  const { status, stderr } = spawnSync("sh", ["-s"], {
    input: `set -eu\n${functions}\nmount_data /dev/nvme1n1\n`,
    env: { PATH: `${folder}:${process.env.PATH}` },
    encoding: "utf8",
  });
  const calls = readFileSync(join(folder, "calls"), "utf8").replaceAll(`${folder}/`, "").split("\n").filter(Boolean);
  return { status, stderr, calls: calls.filter((call) => /^(mkfs|mount|xfs_growfs)/.test(call)) };
}

describe("a machine's disk", () => {
  it("gets a file system where it is blank", () => {
    expect(mount({})).toMatchObject({
      status: 0,
      calls: [
        "mkfs.xfs -q -m reflink=1 -L odoo-stacks /dev/nvme1n1",
        "mount /dev/nvme1n1 /var/lib/docker",
        "xfs_growfs /var/lib/docker",
      ],
    });
  });

  it("is mounted as it is where it is one of ours, as on an instance in the place of another", () => {
    expect(mount({ label: "odoo-stacks", content: "xfs" })).toMatchObject({
      ...{ status: 0, calls: ["mount /dev/nvme1n1 /var/lib/docker", "xfs_growfs /var/lib/docker"] },
    });
  });

  it("is left alone where it is mounted, and takes the room that it got", () => {
    expect(mount({ mounted: "/var/lib/docker" })).toMatchObject({ status: 0, calls: ["xfs_growfs /var/lib/docker"] });
  });

  it.each([
    [{ content: "ext4" }, "/dev/nvme1n1 is not empty (ext4 ): it was left as it is"],
    [{ mounted: "/mnt" }, "/dev/nvme1n1 is mounted elsewhere"],
  ])("is refused where something else is on it: %j", (disk, said) => {
    const { status, stderr, calls } = mount(disk);
    expect({ status, calls }).toEqual({ status: 65, calls: [] });
    expect(stderr.trim()).toBe(said);
  });

  it.each([
    ["vol-0abc123", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc123"],
    ["/dev/vdb", "/dev/vdb"],
  ])("is found by its name: %s", (name, expected) => {
    const functions = readScript("userData").split("# What an instance of AWS")[0] ?? "";
    const { stdout } = spawnSync("sh", ["-s"], { input: `${functions}\ndisk_of '${name}'`, encoding: "utf8" });
    expect(stdout.trim()).toBe(expected);
  });
});

describe("what an instance does at its first start", () => {
  it.each([true, false])("is a script that a shell can read, with an agent: %s", (agent) => {
    const script = userData({ region: "eu-central-1", agent, volume: "vol-0abc123" });
    expect(spawnSync("sh", ["-n"], { input: script }).status).toBe(0);
    expect(script).toContain(`REGION='eu-central-1'\nAGENT='${agent ? "yes" : "no"}'\nVOLUME='vol-0abc123'\n`);
  });
});
