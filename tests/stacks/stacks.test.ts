import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docker, objectsNamed, runningContainers, swarmState } from "../support/docker";
import { Project } from "../support/project";
import { until } from "../support/until";

/** The smallest Odoo there is takes a quarter of a minute; several times that on a busy machine. */
const upSeconds = 280;

describe("a platform and an environment, from nothing to nothing", () => {
  let project: Project;
  let swarmBefore: string;
  beforeAll(async () => {
    swarmBefore = await swarmState();
    project = await Project.linked();
    project.write(project.platform, project.platformValues());
    project.write(project.prod, project.prodValues({ protectData: true }));
  });
  afterAll(() => project.remove());

  /** Runs `pulumi` on both stacks and expects that there is nothing to do. */
  async function expectNoChanges(...args: readonly string[]): Promise<void> {
    for (const stack of [project.platform, project.prod]) {
      const result = await project.pulumi([...args, "--expect-no-changes", "--stack", stack]);
      expect(result.exitCode, result.all).toBe(0);
    }
  }

  /** IDs of the running containers, which change when one is replaced. */
  const containerIds = async () => {
    // The watch after a release ends by itself.
    const lasting = (await runningContainers(project.name)).filter(({ role }) => role !== "watch");
    return lasting.map(({ id }) => id).sort();
  };

  it("end with exit code 1 at Ctrl-C in the middle of the first up", async () => {
    const interrupt = new AbortController();
    const result = await project.cli(["up", project.name], {
      timeoutSeconds: upSeconds,
      interrupt: interrupt.signal,
      onLine: (line) => line.includes("first-database") && interrupt.abort(),
    });
    expect(interrupt.signal.aborted, result.all).toBe(true);
    expect(result.exitCode, result.all).not.toBe(0);
  });

  it("are there after up is run again, whatever the interrupted one left", async () => {
    const result = await project.cli(["up", project.name, "--json"], { timeoutSeconds: upSeconds });
    expect(result.exitCode, result.all).toBe(0);
    const { environments } = JSON.parse(result.stdout) as { environments: Record<string, string>[] };
    const url = `http://odoo.localhost:${project.httpPort}`;
    expect(environments).toEqual([
      { stack: project.prod, url, login: "admin", password: expect.any(String) as string },
    ]);
    const roles = (await runningContainers(project.name)).map(({ role }) => role);
    expect(roles.sort()).toEqual(["odoo-cron", "odoo-web", "postgres", "proxy", "watch"]);
  });

  it("have nothing left to do: preview, up, refresh, and preview once more", async () => {
    const before = await containerIds();
    await expectNoChanges("preview");
    await expectNoChanges("up", "--yes");
    await expectNoChanges("refresh", "--yes");
    await expectNoChanges("preview");
    expect(await containerIds()).toEqual(before);
  });

  it("publish nothing but the proxy's two ports, on this machine alone", async () => {
    const published = (await runningContainers(project.name)).filter(({ ports }) => ports.includes("->"));
    expect(published.map(({ role }) => role)).toEqual(["proxy"]);
    expect(published[0]?.ports.split(", ").sort()).toEqual(
      [`127.0.0.1:${project.httpPort}->80/tcp`, `127.0.0.1:${project.httpsPort}->443/tcp`].sort(),
    );
    const modes = await docker("service", "ls", "--filter", `name=${project.name}`, "--format", "{{.Ports}}");
    expect(modes.trim()).toBe("");
  });

  it("are shown by status, logs, psql, shell and password", async () => {
    const status = await project.cli(["status", project.name, "--json"]);
    expect(status.exitCode, status.all).toBe(0);
    const [, prod] = JSON.parse(status.stdout) as { stack: string; containers: unknown[]; databaseBytes: number }[];
    expect(prod).toMatchObject({ stack: project.prod });
    expect(prod?.containers).toHaveLength(3);
    expect(prod?.databaseBytes).toBeGreaterThan(1e6);

    const on = ["--stack", project.prod];
    const psql = await project.cli(["psql", ...on, "--", "-AtXc", "SELECT login FROM res_users WHERE id = 2"]);
    expect(psql.stdout.trim(), psql.all).toBe("admin");
    const shell = await project.cli(["shell", ...on], {
      input: "print('users:', env['res.users'].search_count([]))\n",
    });
    expect(shell.stdout, shell.all).toMatch(/users: [1-9]/);
    const logs = await project.cli(["logs", ...on, "--tail", "500"]);
    expect(logs.all).toContain("HTTP service (werkzeug) running");
    const password = await project.cli(["password", project.prod, "--json"]);
    expect(JSON.parse(password.stdout)).toEqual({
      login: "admin",
      password: expect.stringMatching(/^\w{24}$/) as string,
    });
  });

  it("refuse a configuration that would leave the data in another volume or database", async () => {
    const before = await containerIds();
    const moved = {
      database: { volume: `${project.prod}-other`, name: "odoo" },
      filestore: { volume: `${project.prod}-files` },
    };
    project.write(project.prod, project.prodValues(moved));
    const volumes = await project.pulumi(["up", "--yes", "--stack", project.prod]);
    expect(volumes.exitCode).not.toBe(0);
    expect(volumes.all).toMatch(
      /database\.volume[\s\S]*which holds data of[\s\S]*filestore\.volume[\s\S]*Put the old name back/,
    );

    project.write(project.prod, project.prodValues({ database: { name: "other" } }));
    const database = await project.pulumi(["up", "--yes", "--stack", project.prod]);
    expect(database.exitCode).not.toBe(0);
    expect(database.all).toMatch(/database\.name[\s\S]*Another name would mean a new, empty database/);
    expect(await containerIds()).toEqual(before);
  });

  it("refuse a module that does not exist before any container changes, with the nearest name", async () => {
    const before = await containerIds();
    project.write(
      project.prod,
      project.prodValues({ modules: ["sale_managment"], odoo: { workers: 2, logLevel: "warn" } }),
    );
    const result = await project.pulumi(["up", "--yes", "--stack", project.prod]);
    expect(result.exitCode).not.toBe(0);
    expect(result.all).toMatch(/modules: sale_managment[\s\S]*did you mean sale_management\?/i);
    expect(await containerIds()).toEqual(before);
  });

  it("start a new web container beside the old one when something changes, and take the old one away", async () => {
    const before = await runningContainers(project.name);
    const web = (containers: typeof before) => containers.filter(({ role }) => role === "odoo-web").map(({ id }) => id);
    project.write(
      project.prod,
      project.prodValues({ protectData: true, odoo: { workers: 2, cronThreads: 1, logLevel: "warn" } }),
    );
    const result = await project.pulumi(["up", "--yes", "--stack", project.prod], { timeoutSeconds: upSeconds });
    expect(result.exitCode, result.all).toBe(0);
    // The old one may end what it is at after `up` has ended.
    const after = await until("the old web container has ended", 60, async () => {
      const now = await runningContainers(project.name);
      return web(now).length === 1 ? now : undefined;
    });
    expect(web(after)).not.toEqual(web(before));
    const postgres = (containers: typeof before) => containers.find(({ role }) => role === "postgres")?.id;
    expect(postgres(after)).toBe(postgres(before));
  });

  it("go on after a lock whose process is gone, and name the holder of one whose process lives", async () => {
    const folder = join(project.stateDir, "pulumi/.pulumi/locks/organization/odoo-stacks", project.platform);
    const lock = (pid: number) => {
      mkdirSync(folder, { recursive: true });
      const content = { pid, username: "ada", hostname: hostname(), timestamp: "2026-01-31T12:00:00Z" };
      writeFileSync(join(folder, "00000000-0000-0000-0000-000000000000.json"), JSON.stringify(content));
    };
    lock(process.pid);
    const held = await project.cli(["up", project.platform]);
    expect(held.exitCode).toBe(1);
    expect(held.all).toContain(`held by ada@${hostname()}, process ${process.pid}`);

    lock(spawnSync(process.execPath, ["-e", ""]).pid);
    const stale = await project.cli(["up", project.platform]);
    expect(stale.exitCode, stale.all).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("can't be read with another passphrase, which is said without a stack trace", async () => {
    const env = { PULUMI_CONFIG_PASSPHRASE: "another one" };
    const result = await project.cli(["up", project.prod], { env });
    expect(result.exitCode).toBe(1);
    expect(result.all).toMatch(/The state of \S+ can't be read[\s\S]*the passphrase that the stack was made with/);
    expect(result.all).not.toMatch(/^\s+at /m);
  });

  it("are not removed without a yes, nor the platform while an environment is on it", async () => {
    const asked = await project.cli(["destroy", project.name]);
    expect(asked.exitCode).toBe(1);
    expect(asked.all).toContain("--yes");
    const used = await project.cli(["destroy", project.platform, "--yes"]);
    expect(used.exitCode).toBe(1);
    expect(used.all).toContain(`${project.prod} runs on it`);
  });

  it("leave nothing behind once they are destroyed", async () => {
    const result = await project.cli(["destroy", project.name, "--yes"], { timeoutSeconds: upSeconds });
    expect(result.exitCode, result.all).toBe(0);
    expect(await objectsNamed(project.name)).toEqual([]);
    expect(await swarmState()).toBe(swarmBefore);
    expect(existsSync(join(project.stateDir, "pulumi"))).toBe(false);
    expect(existsSync(join(project.stateDir, "passphrase"))).toBe(false);
  });
});
