import { beforeEach, describe, expect, it, vi } from "vitest";
import { serviceContainers, serviceNames } from "../../../infra/swarm/services";

const world = vi.hoisted(() => ({ asked: [] as string[], answers: new Map<string, string>() }));

vi.mock("../../../infra/core/exec", () => ({
  run: (argv: readonly string[], { env }: { env: { DOCKER_HOST: string } }) => {
    world.asked.push(`${env.DOCKER_HOST} ${argv.join(" ")}`);
    return Promise.resolve(world.answers.get(env.DOCKER_HOST) ?? "");
  },
}));

const of = { manager: "ssh://web", dockerHosts: ["ssh://web", "ssh://db"], stack: "acme", role: "odoo-web" } as const;
const labels = "--filter label=odoo-stacks.stack=acme --filter label=odoo-stacks.role=odoo-web";

beforeEach(() => {
  world.asked.length = 0;
  world.answers.clear();
});

describe("the services of a role", () => {
  it("are the manager's to know", async () => {
    world.answers.set("ssh://web", "acme-web\nacme-web-2\n");
    expect(await serviceNames(of)).toEqual(["acme-web", "acme-web-2"]);
    expect(world.asked).toEqual([`ssh://web docker service ls --format {{.Name}} ${labels}`]);
  });

  it("have containers on all machines, each named with its Engine", async () => {
    world.answers.set("ssh://web", "1a\n").set("ssh://db", "2b\n3c\n");
    expect(await serviceContainers(of)).toEqual(["ssh://web#1a", "ssh://db#2b", "ssh://db#3c"]);
    world.asked.length = 0;
    await serviceContainers(of, "healthy");
    expect(world.asked[1]).toBe(`ssh://db docker ps --quiet --no-trunc --filter health=healthy ${labels}`);
  });
});
