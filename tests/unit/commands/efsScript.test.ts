import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readScript, shellVariables } from "../../../infra/commands/machine/script";
import { folderWith } from "../../support/folders";

const address = "fs-1.efs.eu-central-1.amazonaws.com";

/** Programs that stand in for a machine's: they write down what they are asked for, in `calls`. */
const programs = {
  id: "echo 0",
  systemctl: `echo "systemctl $*" >>"$MACHINE/calls"; case "$*" in *automount) [ ! -e "$MACHINE/broken" ] && touch "$MACHINE/mounted" ;; esac; exit 0`,
  "systemd-escape": 'echo "srv-odoo"',
  findmnt: '[ ! -e "$MACHINE/mounted" ] || cat "$MACHINE/mounted"',
  stat: '[ -e "$MACHINE/mounted" ] && echo nfs || echo ext2/ext3',
  stunnel4: "exit 0",
  "mount.nfs4": "exit 0",
  "apt-get": 'echo "apt-get $*" >>"$MACHINE/calls"',
};

/** What the script needs of the system itself; nothing else that is there must make a difference. */
const tools = ["sh", "cat", "cmp", "ls", "mkdir", "mv", "rm", "sed", "sleep", "tail", "touch"];

function machineWith(without: readonly string[] = []): string {
  const machine = folderWith({ "authorities.crt": "some" });
  mkdirSync(join(machine, "srv/odoo"), { recursive: true });
  mkdirSync(join(machine, "bin"));
  for (const tool of tools) {
    const path = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    symlinkSync(path, join(machine, "bin", tool));
  }
  for (const [name, script] of Object.entries(programs).filter(([name]) => !without.includes(name))) {
    writeFileSync(join(machine, "bin", name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(machine, "bin", name), 0o755);
  }
  return machine;
}

function mount(machine: string, more: Readonly<Record<string, string>> = {}): { code: number; said: string } {
  const variables = {
    ...{ ADDRESS: address, MOUNT_POINT: join(machine, "srv/odoo"), TLS_PORT: "20049", PAUSE: "0", FOLDERS: "" },
    ...{ FOLDER: join(machine, "etc"), UNITS: join(machine, "units") },
    ...{ AUTHORITIES: join(machine, "authorities.crt"), ...more },
  };
  try {
    const input = `${shellVariables(variables)}\n${readScript("efs")}`;
    execFileSync("sh", ["-s"], { input, env: { PATH: join(machine, "bin"), MACHINE: machine }, stdio: "pipe" });
    return { code: 0, said: "" };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { code: status, said: stderr.toString() };
  }
}

const calls = (machine: string): readonly string[] =>
  existsSync(join(machine, "calls")) ? readFileSync(join(machine, "calls"), "utf8").trim().split("\n") : [];
const read = (machine: string, file: string): string => readFileSync(join(machine, file), "utf8");

describe("a machine that mounts files of EFS", () => {
  it("connects with TLS alone, to the file system that it means", () => {
    const machine = machineWith();
    expect(mount(machine)).toEqual({ code: 0, said: "" });
    const settings = read(machine, "etc/efs.conf");
    for (const line of [
      ...["client = yes", "verifyChain = yes", "sslVersionMin = TLSv1.2", "accept = 127.0.0.1:20049"],
      ...[`connect = ${address}:2049`, `checkHost = ${address}`, `CAfile = ${machine}/authorities.crt`],
    ]) {
      expect(settings.split("\n")).toContain(line);
    }
    expect(read(machine, "units/odoo-stacks-efs.service")).toContain("Restart=always");
  });

  it("mounts it with the options that Amazon recommends, through that connection", () => {
    const machine = machineWith();
    mount(machine);
    const unit = read(machine, "units/srv-odoo.mount");
    expect(unit).toContain("What=127.0.0.1:/\n");
    expect(unit).toContain(`Where=${machine}/srv/odoo\n`);
    const options = /^Options=(.*)$/m.exec(unit)?.[1]?.split(",");
    expect(options).toEqual([
      ...["nfsvers=4.1", "port=20049", "rsize=1048576", "wsize=1048576", "hard", "timeo=600", "retrans=2"],
      ...["noresvport", "_netdev"],
    ]);
    expect(unit).toContain("After=odoo-stacks-efs.service");
    // Stopping the connection for a moment must not take the files away from who uses them.
    expect(unit).not.toMatch(/^(BindsTo|Requires)=/m);
    expect(read(machine, "units/srv-odoo.automount")).toContain("WantedBy=multi-user.target");
  });

  it("has it mounted at every start, and does nothing the second time", () => {
    const machine = machineWith();
    mount(machine);
    expect(calls(machine)).toEqual([
      "systemctl daemon-reload",
      "systemctl enable --quiet odoo-stacks-efs.service srv-odoo.automount",
      "systemctl restart odoo-stacks-efs.service",
      "systemctl start odoo-stacks-efs.service",
      "systemctl start srv-odoo.automount",
    ]);
    writeFileSync(join(machine, "mounted"), "autofs\nnfs4\n");
    writeFileSync(join(machine, "calls"), "");
    expect(mount(machine).code).toBe(0);
    expect(calls(machine)).toEqual(["systemctl start odoo-stacks-efs.service"]);
    expect(readdirSync(join(machine, "units")).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it("makes the folders that environments are to have, and leaves those that are there", () => {
    const machine = machineWith();
    mount(machine, { FOLDERS: "prod" });
    writeFileSync(join(machine, "mounted"), "autofs\nnfs4\n");
    writeFileSync(join(machine, "srv/odoo/prod/file"), "kept");
    expect(mount(machine, { FOLDERS: "prod shop" })).toEqual({ code: 0, said: "" });
    expect(readdirSync(join(machine, "srv/odoo")).sort()).toEqual(["prod", "shop"]);
    expect(read(machine, "srv/odoo/prod/file")).toBe("kept");
  });

  it("installs what is missing, and nothing else", () => {
    const machine = machineWith(["stunnel4", "mount.nfs4"]);
    mount(machine, { AUTHORITIES: join(machine, "none") });
    const installs = calls(machine).filter((line) => line.startsWith("apt-get install"));
    expect(installs).toHaveLength(1);
    expect(installs[0]).toMatch(/ stunnel4 nfs-common ca-certificates$/);
  });

  it("refuses to hide files that are there", () => {
    const machine = machineWith();
    writeFileSync(join(machine, "srv/odoo/file"), "");
    expect(mount(machine)).toMatchObject({ code: 65, said: expect.stringContaining("is not empty") as string });
    expect(existsSync(join(machine, "units"))).toBe(false);
  });

  it("refuses another file system in its place", () => {
    const machine = machineWith();
    writeFileSync(join(machine, "mounted"), "xfs\n");
    expect(mount(machine).said).toContain("mounted already, with a file system of type xfs");
    writeFileSync(join(machine, "mounted"), "");
    mount(machine);
    writeFileSync(join(machine, "mounted"), "autofs\nnfs4\n");
    const other = mount(machine, { ADDRESS: "fs-2.efs.eu-central-1.amazonaws.com" });
    expect(other).toMatchObject({ code: 65, said: expect.stringContaining(`is ${address}`) as string });
    expect(read(machine, "etc/efs.conf")).toContain(address);
  });

  it("says where to look when it can't be mounted", () => {
    const machine = machineWith();
    writeFileSync(join(machine, "broken"), "");
    expect(mount(machine)).toMatchObject({
      ...{ code: 65, said: expect.stringMatching(/can't be mounted: see journalctl[\s\S]*port 2049/) as string },
    });
  });

  it("needs root", () => {
    const machine = machineWith();
    writeFileSync(join(machine, "bin/id"), "#!/bin/sh\necho 1000\n");
    expect(mount(machine)).toMatchObject({ code: 65, said: expect.stringContaining("root is needed") as string });
  });
});
