import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "../../infra/docker/system";
import { must, sh, type ShellOptions, type ShellResult } from "./shell";
import { until } from "./until";

/**
 * A machine in a machine: a network namespace with a way out, a Docker Engine of its own without any image, and empty
 * caches. What is run in it downloads and builds everything, and touches nothing of what this machine's user has. Needs
 * root.
 */
export class FreshMachine {
  private constructor(
    private readonly dir: string,
    private readonly name: string,
    /** Variables that send programs to the empty caches and to this machine's own Engine. */
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** Makes one and waits until its Engine answers. */
  static async start(): Promise<FreshMachine> {
    if (process.getuid?.() !== 0)
      throw new Error("Only root can make a network namespace and run a second Docker Engine.");
    const dir = mkdtempSync(join(tmpdir(), "odoo-stacks-fresh-"));
    const machine = new FreshMachine(dir, `os${randomBytes(3).toString("hex")}`, environment(dir));
    try {
      await machine.connect();
      await machine.startDocker();
    } catch (error) {
      await machine.stop();
      throw error;
    }
    return machine;
  }

  /** Runs a program in it. */
  run(argv: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return sh(["nsenter", `--net=/run/netns/${this.name}`, ...argv], {
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** Its network: one link to this machine, which passes on what comes from it. */
  private async connect(): Promise<void> {
    const { name } = this;
    const inside = ["ip", "-n", name];
    await must(["ip", "netns", "add", name]);
    await must(["ip", "link", "add", `${name}o`, "type", "veth", "peer", "name", `${name}i`, "netns", name]);
    await must(["ip", "addr", "add", `${outer}/30`, "dev", `${name}o`]);
    await must(["ip", "link", "set", `${name}o`, "up"]);
    await must([...inside, "addr", "add", `${inner}/30`, "dev", `${name}i`]);
    for (const link of [`${name}i`, "lo"]) await must([...inside, "link", "set", link, "up"]);
    await must([...inside, "route", "add", "default", "via", outer]);
    for (const rule of rules) await must(["iptables", ...rule("-I")]);
    writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  }

  private async startDocker(): Promise<void> {
    writeFileSync(join(this.dir, "daemon.json"), "{}");
    const own = (name: string) => join(this.dir, "docker", name);
    mkdirSync(own("exec"), { recursive: true });
    const argv = [
      ...[`--net=/run/netns/${this.name}`, findProgram("dockerd") ?? "dockerd", "--host", this.env.DOCKER_HOST ?? ""],
      ...["--config-file", join(this.dir, "daemon.json"), "--data-root", own("data"), "--exec-root", own("exec")],
      ...["--pidfile", own("pid")],
    ];
    // Not `ip netns exec`, which hides the control groups that the daemon needs.
    this.daemon = spawn("nsenter", argv, { stdio: "ignore", env: { ...process.env, PATH: administratorsPath } });
    await until(
      "the fresh machine's Docker Engine",
      60,
      async () => (await sh(["docker", "version"], { env: this.env })).exitCode === 0,
    );
  }
  private daemon: ReturnType<typeof spawn> | undefined;

  /** Ends its Engine with all that runs in it, and removes every trace. */
  async stop(): Promise<void> {
    const { daemon, name } = this;
    if (daemon?.exitCode === null) {
      const ids = (await sh(["docker", "ps", "--all", "--quiet"], { env: this.env })).stdout
        .split("\n")
        .filter(Boolean);
      if (ids.length > 0) await sh(["docker", "rm", "--force", ...ids], { env: this.env });
      daemon.kill("SIGTERM");
      await until(
        "the end of the fresh machine's Docker Engine",
        60,
        () => daemon.exitCode !== null || daemon.signalCode !== null,
      );
    }
    for (const rule of rules) await sh(["iptables", ...rule("-D")]);
    await sh(["ip", "netns", "delete", name]);
    await sh(["ip", "link", "delete", `${name}o`]);
    // What the Engine leaves mounted (its network namespaces) would keep the folder.
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "");
    for (const mount of mounts.filter((path) => path.startsWith(`${this.dir}/`)).reverse())
      await sh(["umount", "--lazy", mount]);
    // By a program: gigabytes of packages and layers would block this process for minutes.
    await must(["rm", "-rf", this.dir], { timeoutSeconds: 900 });
  }
}

/** Addresses of the link's two ends, of a range that is for tests between two networks (RFC 2544). */
const outer = "198.18.77.1";
const inner = "198.18.77.2";

/** What this machine's firewall must let through; `-I` adds a rule and `-D` takes it away. */
const rules = [
  (change: string) => [
    "-t",
    "nat",
    change,
    "POSTROUTING",
    "-s",
    `${inner}/32`,
    "!",
    "-d",
    `${inner}/32`,
    "-j",
    "MASQUERADE",
  ],
  (change: string) => [change, "FORWARD", "-s", `${inner}/32`, "-j", "ACCEPT"],
  (change: string) => [change, "FORWARD", "-d", `${inner}/32`, "-j", "ACCEPT"],
];

/** Where Debian has its programs: a fresh machine has nothing elsewhere, no Go above all. */
const administratorsPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function environment(dir: string): Record<string, string | undefined> {
  return {
    ...process.env,
    PATH: [dirname(process.execPath), administratorsPath].join(":"),
    DOCKER_HOST: `unix://${join(dir, "docker.sock")}`,
    XDG_CACHE_HOME: join(dir, "cache"),
    ODOO_STACKS_CACHE_DIR: join(dir, "cache/odoo-stacks"),
    npm_config_cache: join(dir, "cache/npm"),
    PIP_CACHE_DIR: join(dir, "cache/pip"),
    GOPATH: join(dir, "go"),
    GOMODCACHE: join(dir, "go/pkg/mod"),
    GOCACHE: join(dir, "cache/go-build"),
  };
}
