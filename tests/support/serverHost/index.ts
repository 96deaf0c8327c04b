import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerEngine } from "../../../infra/docker/engine";
import { baseTags } from "../../../infra/images/content";
import { ensureDebian } from "../../../infra/images/debian";
import { silent } from "../../../infra/core/report";
import { docker } from "../docker";
import { must, sh, type ShellResult } from "../shell";
import { until } from "../until";

const image = "odoo-stacks/test-server:4";
const label = "odoo-stacks.test=server";

/**
 * A machine in a machine, as a hoster hands it over: a container with many rights, Debian, an SSH server, and a Docker Engine that
 * is installed and not running. It has an address of its own that this machine reaches, and leaves the kernel's settings alone.
 */
export class ServerHost {
  private constructor(
    /** Its container. */
    readonly name: string,
    /** Its IP address. */
    readonly address: string,
    /** File with the private key that root and the users `deploy` (with sudo) and `guest` (without) let in. */
    readonly key: string,
    private readonly folder: string,
  ) {}

  /**
   * Starts one; removes what it made when that fails.
   * @param shared Volumes of this machine that it has in common with others, as `docker run --volume` takes them.
   */
  static async start(shared: readonly string[] = []): Promise<ServerHost> {
    await makeImage();
    const name = `odoo-stacks-server-${randomBytes(3).toString("hex")}`;
    const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-server-"));
    const key = join(folder, "id_ed25519");
    try {
      await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", key]);
      chmodSync(key, 0o600);
      // A volume, because Docker can't keep its layers on Docker's own.
      const options = [
        "--label",
        label,
        "--volume",
        `${name}:/var/lib/docker`,
        "--hostname",
        name,
        ...shared.flatMap((volume) => ["--volume", volume]),
      ];
      await docker("run", "--detach", "--name", name, ...options, ...rights(), image);
      const address = await docker("inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name);
      const host = new ServerHost(name, address, key, folder);
      await host.letIn(readFileSync(`${key}.pub`, "utf8"));
      await until("the server's SSH", 30, async () => (await sh(["ssh-keyscan", "-T", "2", address])).stdout !== "");
      return host;
    } catch (error) {
      await remove(name, folder);
      throw error;
    }
  }

  /** Runs a command of its shell, as root. */
  run(command: string): Promise<ShellResult> {
    return sh(["docker", "exec", this.name, "sh", "-c", command], { timeoutSeconds: 120 });
  }

  /**
   * Gives it a disk.
   * @param gigabytes Its size; the file behind it takes what is written to it.
   * @param filesystem Made on it before. @default none: it is empty
   * @returns where it is in its `/dev`.
   */
  async attachDisk(gigabytes: number, filesystem?: "ext4"): Promise<string> {
    const file = join(this.folder, `disk${this.disks.length}`);
    await must(["truncate", `--size=${gigabytes}G`, file]);
    if (filesystem) await must([`mkfs.${filesystem}`, "-q", file]);
    const device = (await must(["losetup", "--find", "--show", file])).stdout.trim();
    this.disks.push(device);
    const path = `/dev/odoo${this.disks.length}`;
    // The loop driver's number: https://docs.kernel.org/admin-guide/devices.html
    await must(["docker", "exec", this.name, "mknod", path, "b", "7", device.replace("/dev/loop", "")]);
    return path;
  }
  private readonly disks: string[] = [];

  /** As somebody who installs it anew does: other host keys. */
  async changeHostKey(): Promise<void> {
    await this.run("rm /etc/ssh/ssh_host_* && ssh-keygen -A >/dev/null && kill -HUP 1");
  }

  /** Has it answer nobody over SSH for a while, as when the network between is gone; what runs on it goes on. */
  async silence(seconds: number): Promise<void> {
    const rule = "INPUT --protocol tcp --destination-port 22 --jump DROP";
    await this.run(`iptables --wait --insert ${rule}`);
    await delay(seconds * 1000);
    await this.run(`iptables --wait --delete ${rule}`);
  }

  /** Cuts its power. */
  async cutPower(): Promise<void> {
    await must(["docker", "kill", this.name]);
  }

  /** Gives it power again. Its address is the one that it had, while no other machine was started meanwhile. */
  async startAgain(): Promise<void> {
    await must(["docker", "start", this.name]);
    const address = await docker("inspect", "--format", "{{.NetworkSettings.Networks.bridge.IPAddress}}", this.name);
    if (address !== this.address) throw new Error(`${this.name} came back as ${address}, and was ${this.address}`);
  }

  /** Removes it with all that is in it. */
  async stop(): Promise<void> {
    await this.run("docker ps --quiet 2>/dev/null | xargs -r docker kill >/dev/null 2>&1");
    await remove(this.name, this.folder, this.disks);
  }

  private async letIn(publicKey: string): Promise<void> {
    const users = [
      ["root", "/root"],
      ["deploy", "/home/deploy"],
      ["guest", "/home/guest"],
    ];
    for (const [user = "", home = ""] of users) {
      const script = `install -d -m 700 -o ${user} -g ${user} ${home}/.ssh && cat >${home}/.ssh/authorized_keys && chown ${user}: ${home}/.ssh/authorized_keys`;
      await must(["docker", "exec", "--interactive", this.name, "sh", "-c", script], { input: publicKey });
    }
  }
}

/**
 * What a Docker Engine in a container has to be allowed: as `--privileged`, which fails where this machine itself has not all
 * rights there are.
 */
function rights(): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  const capabilities = [...engineCapabilities]
    .filter(([, bit]) => (bounding >> BigInt(bit)) & 1n)
    .map(([name]) => name);
  return [
    ...capabilities.flatMap((name) => ["--cap-add", name]),
    ...["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"].flatMap((option) => [
      "--security-opt",
      option,
    ]),
    ...["--device-cgroup-rule", "a *:* rwm"],
  ];
}

/** Their numbers: capabilities(7), linux/capability.h. */
const engineCapabilities = new Map([
  ...([
    ["DAC_READ_SEARCH", 2],
    ["NET_BROADCAST", 11],
    ["NET_ADMIN", 12],
    ["NET_RAW", 13],
    ["IPC_LOCK", 14],
  ] as const),
  ...([
    ["SYS_PTRACE", 19],
    ["SYS_ADMIN", 21],
    ["SYS_NICE", 23],
    ["SYS_RESOURCE", 24],
    ["MKNOD", 27],
    ["SYSLOG", 34],
  ] as const),
]);

async function remove(name: string, folder: string, disks: readonly string[] = []): Promise<void> {
  await sh(["docker", "rm", "--force", "--volumes", name]);
  await sh(["docker", "volume", "rm", "--force", name]);
  for (const device of disks) await sh(["losetup", "--detach", device]);
  rmSync(folder, { recursive: true, force: true });
}

/** Made once on a machine. */
async function makeImage(): Promise<void> {
  if ((await sh(["docker", "image", "inspect", image])).exitCode === 0) return;
  await ensureDebian(new DockerEngine(), "", silent);
  const argv = ["build", "--network", "host", "--force-rm", "--tag", image, "--build-arg", `BASE=${baseTags.debian()}`];
  await must(["docker", ...argv, __dirname], { timeoutSeconds: 900 });
}
