import { beforeEach, describe, expect, it, vi } from "vitest";
import { step as hold, watchdogArgv } from "../../../../infra/commands/steps/hold";
import { step as restart } from "../../../../infra/commands/steps/restart";
import { step as routes } from "../../../../infra/commands/steps/routes";

/** What was run, in order; what fails. */
const world = vi.hoisted(() => ({ done: [] as string[], fails: "" }));

vi.mock("../../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]) => {
    const command = argv.join(" ");
    world.done.push(command);
    const failed = world.fails !== "" && command.includes(world.fails);
    const stdout = command.includes("Created") || command.includes("UpdatedAt") ? "2026-11-23T19:15:00Z\n" : "";
    return Promise.resolve({ exitCode: failed ? 1 : 0, stdout, stderr: failed ? "refused" : "" });
  };
  const run = async (argv: readonly string[]) => {
    const { exitCode, stdout, stderr } = await attempt(argv);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  return { attempt, run };
});
const containers = vi.hoisted(() => ({ answers: [] as string[][] }));
vi.mock("../../../../infra/swarm/services", () => ({
  serviceNames: () => Promise.resolve(["acme-database"]),
  serviceContainers: () => Promise.resolve(containers.answers.shift() ?? ["ssh://db#new"]),
}));

const proxies = ["ssh://web#1a", "ssh://web-2#2b"];
const common = { manager: "ssh://web", dockerHosts: ["ssh://web", "ssh://web-2"], stack: "acme", proxies };
const inAll = (command: string) => [
  `docker --host ssh://web exec 1a kamal-proxy ${command}`,
  `docker --host ssh://web-2 exec 2b kamal-proxy ${command}`,
];
const silent = () => undefined;

beforeEach(() => {
  world.done.length = 0;
  world.fails = "";
  containers.answers = [];
});

describe("requests while PostgreSQL is started again by an `up`", () => {
  const input = { ...common, operator: "sha256:o", runsWith: "new" };

  it("are held by all proxies, each with a container on its machine that lets them go on", async () => {
    await hold.apply({ ...input, phase: "begin" }, silent, { runsWith: "old" });
    expect(world.done.slice(-2)).toEqual(inAll("pause acme --max-pause 120s --drain-timeout 15s"));
    const watchdogs = world.done.filter((command) => command.includes(" run --detach "));
    expect(watchdogs.map((command) => command.split(" ")[2])).toEqual(["ssh://web", "ssh://web-2"]);
    expect(watchdogArgv("ssh://web-2#2b", input).at(-1)).toBe("sleep 60; docker exec 2b kamal-proxy resume acme");
  });

  it("go on in all of them once the new server is well", async () => {
    await hold.apply({ ...input, phase: "end" }, silent, { runsWith: "old" });
    expect(world.done.slice(-4)).toEqual([
      "docker --host ssh://web rm --force acme-hold",
      "docker --host ssh://web-2 rm --force acme-hold",
      ...inAll("resume acme"),
    ]);
  });

  it("are not held the first time, nor where nothing changes", async () => {
    await hold.apply({ ...input, phase: "begin" }, silent, undefined);
    await hold.apply({ ...input, phase: "begin" }, silent, { runsWith: "new" });
    expect(world.done).toEqual([]);
  });
});

describe("requests while a service is restarted", () => {
  const input = { ...common, role: "postgres" as const, trigger: "2" };

  it("are held by all proxies, and go on in all", async () => {
    containers.answers = [["ssh://db#old"], ["ssh://db#old"], ["ssh://db#new"]];
    await restart.apply(input, silent, { trigger: "1" });
    expect(world.done).toEqual([
      ...inAll("pause acme --max-pause 120s --drain-timeout 15s"),
      "docker service update --detach --force acme-database",
      ...inAll("resume acme"),
    ]);
  });

  it("go on everywhere when one proxy refuses to hold them, and nothing is restarted", async () => {
    world.fails = "2b kamal-proxy pause";
    await expect(restart.apply(input, silent, { trigger: "1" })).rejects.toThrow("refused");
    expect(world.done.slice(-2)).toEqual(inAll("resume acme"));
    expect(world.done.join("\n")).not.toContain("service update");
  });
});

describe("routes", () => {
  const service = {
    ...{ name: "acme-mail", targets: ["mail:8025"], hosts: ["m.localhost"], errorPages: "/error-pages", tls: false },
    ...{ responseTimeoutSeconds: 150, deployTimeoutSeconds: 120, drainTimeoutSeconds: 1 },
  };

  it("are the same in all proxies, and what an earlier `up` had is gone from all", async () => {
    expect(await routes.apply({ proxies, services: [service] }, silent, { services: ["acme-old"] })).toEqual({
      services: ["acme-mail"],
    });
    expect(world.done.slice(0, 2).map((command) => command.split(" ").slice(0, 8).join(" "))).toEqual(
      inAll("deploy acme-mail"),
    );
    expect(world.done.slice(2)).toEqual(inAll("remove acme-old"));
  });
});
