import { beforeEach, describe, expect, it, vi } from "vitest";
import { Host } from "../../../infra/operator/host";
import { Proxies } from "../../../infra/operator/proxies";
import type { SwarmNode } from "../../../infra/swarm/places";
import { planOf } from "./plans";

/** What was asked of Docker, in order, what it says where something fails, and when each proxy was started. */
const world = vi.hoisted(() => ({
  asked: [] as string[],
  fails: [] as { part: string; said: string }[],
  started: new Map<string, string>(),
  nodes: [] as SwarmNode[],
}));

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]) => {
    const command = argv.join(" ");
    world.asked.push(command);
    const failure = world.fails.find(({ part }) => command.includes(part));
    const engine = argv[1] === "--host" ? (argv[2] ?? "") : "";
    const stdout = command.includes("StartedAt")
      ? (world.started.get(engine) ?? "2026-11-23T19:00:00Z")
      : command.includes(" ps ")
        ? `id-of-${engine}\n`
        : "";
    return Promise.resolve({ exitCode: failure ? 1 : 0, stdout, stderr: failure?.said ?? "" });
  };
  const run = async (argv: readonly string[]) => {
    const { exitCode, stdout, stderr } = await attempt(argv);
    if (exitCode !== 0) throw new Error(`docker … failed with exit code 1:\n${stderr}`);
    return stdout;
  };
  return { attempt, run };
});
vi.mock("../../../infra/swarm/places", async (original) => ({
  ...(await original<object>()),
  swarmNodes: () => Promise.resolve(world.nodes),
}));
vi.mock("../../../infra/operator/peers", () => ({ engineTo: (machine: string) => `ssh://${machine}` }));
vi.mock("../../../infra/operator/maintenance/routes", () => ({
  behindGate: (_: string, routes: unknown) => Promise.resolve(routes),
}));

const node = (machine: string, state = "ready", proxy = true): SwarmNode => ({
  ...{ id: machine, machine, role: "manager", state, availability: "active" },
  labels: { "odoo-stacks.machine": machine, ...(proxy ? { "odoo-stacks.proxy": "true" } : {}) },
});
const plan = planOf({ proxiesOf: "acme-platform" });
const told: string[] = [];
const report = (line: string) => void told.push(line);
const host = () => new Host(plan, report);
/** What was run inside proxies: the machine and kamal-proxy's command. */
const ran = () =>
  world.asked.flatMap((command) => {
    const found = /--host ssh:\/\/(\S+) exec \S+ kamal-proxy (\w+ \S+)/.exec(command);
    return found ? [`${found[1] ?? ""}: ${found[2] ?? ""}`] : [];
  });

beforeEach(() => {
  Object.assign(world, { fails: [], nodes: [node("web"), node("db", "ready", false), node("web-2")] });
  world.started.clear();
  world.asked.length = 0;
  told.length = 0;
});

describe("the only proxy", () => {
  it("is the one that the plan names, without a look at anything else", async () => {
    await new Proxies(planOf(), report).run(["kamal-proxy", "pause", "prod"], 10);
    expect(world.asked).toEqual(["docker exec proxy kamal-proxy pause prod"]);
  });

  it("fails as it does, also where it lacks the service", async () => {
    world.fails = [{ part: "pause", said: "Error: service not found" }];
    await expect(new Proxies({ proxy: "proxy" }, report).run(["kamal-proxy", "pause", "prod"], 10)).rejects.toThrow(
      "service not found",
    );
  });
});

describe("several proxies", () => {
  it("are those on the machines that the Swarm's labels name, by the label of their platform", async () => {
    await host().inProxy(["kamal-proxy", "pause", "prod"], 10);
    expect(world.asked.filter((command) => command.includes(" ps "))).toEqual(
      ["web", "web-2"].map(
        (machine) =>
          `docker --host ssh://${machine} ps --quiet --no-trunc --filter label=odoo-stacks.stack=acme-platform --filter label=odoo-stacks.role=proxy`,
      ),
    );
    expect(ran()).toEqual(["web: pause prod", "web-2: pause prod"]);
  });

  it("are looked for once: what was held is what is let go on", async () => {
    const one = host();
    await one.inProxy(["kamal-proxy", "pause", "prod"], 10);
    world.nodes = [];
    await one.resume(plan.routes);
    expect(ran().slice(2)).toEqual(["web: resume prod", "web-2: resume prod"]);
  });

  it("all get the routes", async () => {
    await host().route(plan.routes);
    expect(ran()).toEqual(["web: deploy prod", "web-2: deploy prod"]);
  });

  it("must all do it: one that refuses is an error, once the others are done", async () => {
    world.fails = [{ part: "ssh://web exec", said: "target failed to become healthy" }];
    await expect(host().route(plan.routes)).rejects.toThrow("failed to become healthy");
    expect(ran()).toHaveLength(2);
  });

  it("are not waited for where their machine is down, which is told", async () => {
    world.nodes = [node("web"), node("web-2", "down")];
    const one = host();
    await one.route(plan.routes);
    await one.inProxy(["kamal-proxy", "pause", "prod"], 10);
    expect(ran()).toEqual(["web: deploy prod", "web: pause prod"]);
    expect(told).toEqual([expect.stringMatching(/^web-2 is down: its proxy is left out/)]);
  });

  it("may lose their machine meanwhile", async () => {
    const one = host();
    await one.inProxy(["kamal-proxy", "pause", "prod"], 10);
    world.nodes = [node("web"), node("web-2", "down")];
    world.fails = [{ part: "ssh://web-2", said: "no route to host" }];
    await one.resume(plan.routes);
    await one.route(plan.routes);
    expect(ran().slice(2)).toEqual(["web: resume prod", "web-2: resume prod", "web: deploy prod"]);
    expect(told).toHaveLength(1);
  });

  it("hold nothing of a service that they have not heard of: they were away when it was first routed", async () => {
    world.fails = [{ part: "ssh://web-2 exec", said: "Error: service not found" }];
    const one = host();
    await one.inProxy(["kamal-proxy", "pause", "prod"], 10);
    await one.resume(plan.routes);
    expect(told).toEqual([]);
  });

  it("that do not run on a machine that does are an error", async () => {
    world.fails = [{ part: "ssh://web-2 ps", said: "refused" }];
    await expect(host().route(plan.routes)).rejects.toThrow("refused");
  });

  it("that were started again while they held requests get a new service, and no page; the others as always", async () => {
    world.started.set("ssh://web-2", "2026-11-23T19:20:00Z");
    const heldSince = "2026-11-23T19:15:00Z";
    const one = host();
    expect(await one.proxyStartedAfter(heldSince)).toBe(false);
    await one.inProxy(["kamal-proxy", "stop", "prod"], 10, heldSince);
    expect(ran()).toEqual(["web: stop prod"]);
    await one.resume(plan.routes, heldSince);
    expect(ran().slice(1).sort()).toEqual(["web-2: deploy prod", "web-2: remove prod", "web: resume prod"]);
    world.started.set("ssh://web", "2026-11-23T19:20:00Z");
    expect(await one.proxyStartedAfter(heldSince)).toBe(true);
  });
});
