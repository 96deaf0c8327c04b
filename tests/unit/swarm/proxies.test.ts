import { beforeEach, describe, expect, it, vi } from "vitest";
import { forgetServices, inProxies } from "../../../infra/swarm/proxies";

const world = vi.hoisted(() => ({ asked: [] as string[], said: new Map<string, string>() }));

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]) => {
    world.asked.push(argv.join(" "));
    const stderr = world.said.get(argv[2] ?? "");
    return Promise.resolve({ exitCode: stderr === undefined ? 0 : 1, stdout: "", stderr: stderr ?? "" });
  };
  const run = async (argv: readonly string[]) => {
    const { exitCode, stderr } = await attempt(argv);
    if (exitCode !== 0) throw new Error(stderr);
    return "";
  };
  return { attempt, run };
});

const [one, two] = ["ssh://web", "ssh://web-2"];
const proxies = [`${one}#1a`, `${two}#2b`];

beforeEach(() => {
  world.asked.length = 0;
  world.said.clear();
});

describe("a command in all proxies", () => {
  it("reaches each on its own machine", async () => {
    await inProxies(proxies, ["kamal-proxy", "list"], 10);
    expect(world.asked).toEqual([
      `docker --host ${one} exec 1a kamal-proxy list`,
      `docker --host ${two} exec 2b kamal-proxy list`,
    ]);
  });

  it("fails where one refuses, once the others have done it", async () => {
    world.said.set(one, "no");
    await expect(inProxies(proxies, ["kamal-proxy", "list"], 10)).rejects.toThrow("no");
    expect(world.asked).toHaveLength(2);
  });
});

describe("services that go", () => {
  it("are forgotten by all proxies; one that has none, or is gone, is no failure", async () => {
    world.said.set(one, "Error: service not found\n").set(two, "no route to host\n");
    const told: string[] = [];
    await forgetServices(proxies, ["acme", "acme-websocket"], (line) => told.push(line));
    expect(world.asked).toHaveLength(4);
    expect(told).toEqual([
      ...["Removing the route acme.", "no route to host"],
      ...["Removing the route acme-websocket.", "no route to host"],
    ]);
  });

  it("can be those of an environment that an earlier version has brought up", async () => {
    await forgetServices(undefined, ["acme"], () => undefined);
    expect(world.asked).toEqual([]);
  });
});
