import { beforeEach, describe, expect, it, vi } from "vitest";
import { packArgv, type ProxyStateInput, step, unpackArgv } from "../../../../infra/commands/steps/proxyState";
import type { SwarmNode } from "../../../../infra/swarm/places";

/** What was done, in order; which Engines do not answer; which containers have routes. */
const world = vi.hoisted(() => ({
  done: [] as string[],
  silent: "",
  routes: new Set<string>(),
  nodes: [] as Partial<SwarmNode>[],
}));

vi.mock("../../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]) => {
    world.done.push(argv.join(" "));
    const answer = (exitCode: number, stdout: string, stderr = "") => Promise.resolve({ exitCode, stdout, stderr });
    if (world.silent && argv.includes(world.silent)) return answer(1, "", "no route to host");
    if (argv.includes("ps")) return answer(0, "old\n");
    const packed = argv.includes("cp") && argv.at(-1) === "-" ? argv.at(-2) : undefined;
    if (packed === undefined || world.routes.has(packed.split(":")[0] ?? "")) return answer(0, "");
    return answer(1, "", `Error response from daemon: Could not find the file ${packed}`);
  };
  return { attempt, run: async (argv: readonly string[]) => (await attempt(argv)).stdout };
});
vi.mock("../../../../infra/operator/files/flow", () => ({
  pass: (from: readonly string[], to: readonly string[]) =>
    Promise.resolve(void world.done.push(`${from.join(" ")} | ${to.join(" ")}`)),
}));
vi.mock("../../../../infra/swarm/places", () => ({ swarmNodes: () => Promise.resolve(world.nodes) }));

const [web, secondWeb] = ["ssh://root@10.0.0.10:22", "ssh://root@10.0.0.13:22"];
const input: ProxyStateInput = {
  ...{ stack: "acme-platform", image: "sha256:p", from: `${web}#proxy-1a`, manager: web },
  ...{ machine: "web-2", dockerHost: secondWeb, node: "node-2" },
};
const helper = "acme-platform-proxy-state";
const told: string[] = [];
const report = (line: string) => void told.push(line);
const passed = () => world.done.filter((command) => command.includes(" | "));

beforeEach(() => {
  Object.assign(world, { silent: "", routes: new Set(), nodes: [{ id: "node-2", machine: "web-2" }] });
  world.done.length = 0;
  told.length = 0;
});

describe("a further proxy", () => {
  it("gets the routes of the first, through a container that never runs", async () => {
    world.routes.add("proxy-1a");
    await step.apply(input, report, undefined);
    const file = "/home/kamal-proxy/.config/kamal-proxy/kamal-proxy.state";
    expect(passed()).toEqual([
      `docker --host ${web} cp proxy-1a:${file} - | docker --host ${secondWeb} cp - ${helper}:/home/kamal-proxy/.config/kamal-proxy`,
    ]);
    const made = world.done.find((command) => command.includes(" create --name"));
    expect(made).toContain(`--volume ${helper}:/home/kamal-proxy/.config/kamal-proxy sha256:p`);
    expect(made).toContain("--network none");
    expect(world.done.at(-1)).toBe(`docker --host ${secondWeb} rm --force ${helper}`);
    const volume = world.done.find((command) => command.includes("volume create"));
    expect(volume).toContain("--label odoo-stacks.role=proxy-state");
    expect(told).toEqual(["The proxy on web-2 gets the routes of the first one."]);
  });

  it("keeps routes that it has", async () => {
    world.routes.add("proxy-1a").add(helper);
    await step.apply(input, report, {});
    expect(passed()).toEqual([]);
  });

  it("begins without any where the first has none yet", async () => {
    await step.apply(input, report, undefined);
    expect(passed()).toEqual([]);
    expect(told).toEqual([]);
  });

  it("is not made beside the one that its machine had under another name", async () => {
    await step.apply(input, report, undefined);
    expect(world.done[1]).toBe(`docker --host ${secondWeb} rm --force old`);
    world.done.length = 0;
    // What runs is left alone.
    await step.apply(input, report, {});
    expect(world.done.join("\n")).not.toContain("old");
  });

  it("fails where the first can't be asked, instead of beginning without routes", async () => {
    world.silent = web;
    await expect(step.apply(input, report, undefined)).rejects.toThrow("no route to host");
    expect(world.done.at(-1)).toBe(`docker --host ${secondWeb} rm --force ${helper}`);
  });

  it("goes with its volume", async () => {
    await step.remove(input, report, {});
    expect(world.done.slice(1)).toEqual([
      `docker --host ${secondWeb} rm --force old`,
      `docker --host ${secondWeb} volume rm --force acme-platform-proxy-state`,
    ]);
  });

  it("is forgotten on a machine that is gone, and left where the machine has another name by now", async () => {
    world.silent = secondWeb;
    await step.remove(input, report, {});
    expect(told).toEqual(["web-2 does not answer, and its proxy is forgotten."]);
    Object.assign(world, { silent: "", nodes: [{ id: "node-2", machine: "web-b" }] });
    world.done.length = 0;
    await step.remove(input, report, {});
    expect(world.done).toEqual([]);
  });

  it("has its routes packed and unpacked with their owner as it is", () => {
    // With --archive, Docker would give them to the user of the container, by a name that its image does not have.
    for (const argv of [packArgv(input.from), unpackArgv(input)]) expect(argv).not.toContain("--archive");
  });
});
