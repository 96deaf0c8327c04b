import { request } from "node:http";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OdooClient } from "../support/odoo";
import { Project, type StackValues } from "../support/project";
import { ServerHost } from "../support/serverHost";
import { plain, type ShellResult, succeeded } from "../support/shell";

/** Copying images to a fresh machine takes most of it; several times that on a busy machine. */
const firstSeconds = 850;

describe("a single host of the user's own", () => {
  let host: ServerHost;
  let project: Project;
  let disk: string;
  const values = (machine: StackValues = {}): StackValues => ({
    kind: "platform",
    target: "servers",
    machines: [{ name: "main", address: host.address, user: "deploy", key: host.key, dataDisk: disk, ...machine }],
    proxy: { bind: "0.0.0.0", httpPort: 80, httpsPort: 443 },
  });
  const up = (timeoutSeconds = 290): Promise<ShellResult> => project.cli(["up", project.name], { timeoutSeconds });

  beforeAll(async () => {
    host = await ServerHost.start();
    disk = await host.attachDisk(30);
    project = await Project.copied();
    project.write(project.platform, values());
    project.write(project.prod, project.prodValues({ protectData: false }));
  });
  afterAll(async () => {
    // The machine goes with all that was declared on it.
    await (host as ServerHost | undefined)?.stop();
    (project as Project | undefined)?.forget();
  });

  describe("before anything changes", () => {
    const refused = async (machine: StackValues): Promise<string> => {
      project.write(project.platform, values(machine));
      const { exitCode, all } = await up();
      project.write(project.platform, values());
      expect(exitCode).toBe(1);
      expect((await host.run("docker info 2>&1")).exitCode).not.toBe(0);
      return plain(all);
    };

    it("is told when nobody answers there", async () => {
      expect(await refused({ port: 2222 })).toMatch(/main can't be reached[\s\S]*nothing that listens/);
    });

    it("is told when the key is another one", async () => {
      expect(await refused({ user: "nobody" })).toMatch(/main can't be reached[\s\S]*permission denied/);
    });

    it("is told when the user can't become root", async () => {
      expect(await refused({ user: "guest" })).toMatch(/can't be prepared[\s\S]*without a password[\s\S]*NOPASSWD/);
    });

    it("is told when the disk for the data is none, and leaves the machine as it is", async () => {
      expect(await refused({ dataDisk: "/dev/nothing" })).toMatch(/\/dev\/nothing is no disk of this machine/);
    });

    it("is told when that disk is not empty, and never formats it", async () => {
      const full = await host.attachDisk(1, "ext4");
      const checksum = async () => (await host.run(`sha256sum ${full}`)).stdout;
      const before = await checksum();
      expect(await refused({ dataDisk: full })).toMatch(/is not empty \(ext4 ?\): it was left as it is/);
      expect(await checksum()).toBe(before);
    });

    it("is previewed by plain Pulumi, which leaves the machine as it is", async () => {
      const { exitCode, all } = await project.pulumi(["preview", "--stack", project.platform]);
      expect(exitCode, all).toBe(0);
      expect(all).toContain(`${project.platform}-main-prepared`);
      expect((await host.run("docker info 2>&1")).exitCode).not.toBe(0);
    });
  });

  it("comes up from a machine without anything: Docker, a Swarm, PostgreSQL, Odoo", async () => {
    const { all } = succeeded(await up(firstSeconds));
    expect(plain(all)).toContain(`http://odoo.localhost`);
    const client = new OdooClient("http://odoo.localhost", { host: host.address, port: 80 });
    const { status, body } = await client.fetch("/web/login");
    expect(status).toBe(200);
    expect(body).toContain("</html>");
  }, 900_000);

  it("keeps its data on the disk that it was given, whose files can share blocks", async () => {
    const { stdout } = await host.run("findmnt --noheadings --output SOURCE,FSTYPE /var/lib/docker | tail -n 1");
    expect(stdout.trim().split(/\s+/)).toEqual([disk, "xfs"]);
    const copy = "cd /var/lib/docker && echo data >a && cp --reflink=always a b; result=$?; rm -f a b; exit $result";
    expect((await host.run(copy)).exitCode).toBe(0);
  });

  it("is the machine whose host key is pinned, in a file for version control", () => {
    const file = join(project.dir, "stacks/known_hosts");
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, "utf8")).toContain(host.address);
  });

  it("lets nobody else at Swarm's ports, and publishes nothing but the proxy", async () => {
    const { stdout } = await host.run("iptables --list-rules INPUT && iptables --list-rules ODOO-STACKS");
    for (const port of ["tcp 2377", "tcp 7946", "udp 7946", "udp 4789"]) {
      const [protocol = "", number = ""] = port.split(" ");
      const rule = `-A INPUT -p ${protocol} -m ${protocol} --dport ${number} -j ODOO-STACKS`;
      expect(stdout.split("\n").filter((line) => line === rule)).toHaveLength(1);
    }
    expect(stdout.trim().split("\n").at(-1)).toBe("-A ODOO-STACKS -j DROP");
    const published = await host.run("docker ps --format '{{.Ports}}' | grep -- '->'");
    expect(published.stdout.trim().split("\n")).toEqual([expect.stringMatching(/:80->80[\s\S]*:443->443/)]);
    expect(await reachable(host.address, 2377)).toBe(false);
    expect(await reachable(host.address, 80)).toBe(true);
  });

  it("is left as it is by another `up`, with what others run on it", async () => {
    const foreign = "docker run --detach --name foreign --entrypoint kamal-proxy $(docker images --quiet odoo-stacks/proxy) run";
    expect((await host.run(foreign)).exitCode).toBe(0);
    const ids = async () => (await host.run("docker ps --quiet --no-trunc | sort")).stdout;
    const before = await ids();
    succeeded(await up());
    expect(await ids()).toBe(before);
    expect((await host.run("docker rm --force foreign")).exitCode).toBe(0);
  });

  it("carries one platform alone: another one is told whose ports these are", async () => {
    const other = `${project.name}b-platform`;
    project.write(other, values());
    const { exitCode, all } = await project.cli(["up", other]);
    expect(exitCode).toBe(1);
    expect(plain(all)).toContain(`the proxy of the stack "${project.platform}" listens on it`);
    rmSync(project.stackFile(other));
  });

  it("answers commands as this machine does", async () => {
    const { stdout } = succeeded(await project.cli(["status", project.prod, "--json"]));
    const [status] = JSON.parse(stdout) as { containers: { role: string; status: string }[] }[];
    expect(status?.containers.map(({ role }) => role).sort()).toEqual(["odoo-cron", "odoo-web", "postgres"]);
    const query = ["psql", "--stack", project.prod, "--", "-Atc", "SELECT login FROM res_users WHERE id = 2"];
    expect(succeeded(await project.cli(query)).stdout.trim()).toBe("admin");
    expect(succeeded(await project.cli(["logs", "--stack", project.prod])).all).toContain("HTTP service");
    const history = succeeded(await project.cli(["history", "--stack", project.prod, "--json"]));
    expect(JSON.parse(history.stdout)).toHaveLength(1);
  });

  it("takes a release, which copies what is new", async () => {
    project.write(project.prod, project.prodValues({ protectData: false, modules: ["contacts"] }));
    writeFileSync(join(project.dir, "addons/sale_delivery_note/notes.txt"), "Another version.");
    // Meanwhile nothing is heard of it for a while.
    let silent: Promise<void> | undefined;
    const onLine = (line: string) => {
      if (line.includes("release-switch")) silent ??= host.silence(12);
    };
    const { all } = succeeded(await project.cli(["up", project.name], { timeoutSeconds: 290, onLine }));
    await silent;
    expect(silent).toBeDefined();
    // Your modules, and their checksums.
    expect(plain(all)).toMatch(/Copying odoo-stacks\/odoo:\S+: 2 of \d+ layers/);
    expect(plain(all)).toContain("Modules: install contacts");
    const query = "SELECT state FROM ir_module_module WHERE name = 'contacts'";
    const { stdout } = succeeded(await project.cli(["psql", "--stack", project.prod, "--", "-Atc", query]));
    expect(stdout.trim()).toBe("installed");
  });

  it("is refused when it shows another host key, which everything stops at", async () => {
    await host.changeHostKey();
    // Where the socket of the connection that is open is not found: that one would go on.
    const { exitCode, all } = await project.cli(["up", project.name], { env: { TMPDIR: project.dir } });
    expect(exitCode).toBe(1);
    expect(plain(all)).toMatch(/can't be reached[\s\S]*pinned in stacks\/known_hosts[\s\S]*ssh-keygen -f/);
  });

  it("is left with Docker and nothing else of it by `destroy`, by the connection that is open", async () => {
    succeeded(await project.cli(["destroy", project.name, "--yes"], { timeoutSeconds: 290 }));
    const left = await host.run("docker ps --all --quiet; docker volume ls --quiet; docker network ls --quiet --filter driver=overlay");
    // What makes the next first database fast is a cache, as on this machine.
    expect(left.stdout.trim()).toBe("odoo-stacks-seeds");
    expect((await host.run("docker info --format '{{.Swarm.LocalNodeState}}'")).stdout.trim()).toBe("inactive");
  });
});

/** Whether something accepts connections there within a second. */
function reachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port, timeout: 1000 }, () => resolve(true));
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
