import { beforeEach, describe, expect, it, vi } from "vitest";
import { requireSuccessor } from "../../../infra/cli/letGo";
import type { RunResult } from "../../../infra/core/exec";
import type { Place } from "../../../infra/swarm/places";

/** The healthy containers by role, whether the instance answers, and what was run in containers. */
interface World {
  healthy: Record<string, string>;
  answers: boolean;
  readonly ran: string[];
}
const world = vi.hoisted((): World => ({ healthy: {}, answers: true, ran: [] }));

vi.mock("../../../infra/core/exec", async (original) => ({
  ...(await original<object>()),
  attempt: (argv: readonly string[]): Promise<RunResult> => {
    const command = argv.join(" ");
    const result = (exitCode: number, stdout = "") => Promise.resolve({ exitCode, stdout, stderr: "" });
    if (!command.startsWith("docker ps ")) {
      world.ran.push(command);
      return result(world.answers ? 0 : 2);
    }
    expect(command).toContain("--filter health=healthy");
    expect(command).toContain("--filter label=odoo-stacks.stack=prod");
    const role = /label=odoo-stacks\.role=(\S+)/.exec(command)?.[1] ?? "";
    return result(0, world.healthy[role] ?? "");
  },
}));

const inContainer: Place = { database: "db", files: "web", shared: false, drained: [], down: [] };
const onRds: Place = { ...inContainer, onRds: true };

beforeEach(() => {
  world.healthy = {};
  world.answers = true;
  world.ran.length = 0;
});

describe("an old copy of a database", () => {
  it("may go when the server of the new one is well, and nothing else stands in for that", async () => {
    world.healthy = { postgres: "server" };
    await expect(requireSuccessor("prod", inContainer)).resolves.toBeUndefined();
    expect(world.ran).toEqual([]);
    world.healthy = { "postgres-client": "client" };
    await expect(requireSuccessor("prod", inContainer)).rejects.toThrow(
      /kept for now[^]*the database of prod on db[^]*a server that is well/,
    );
  });

  it("may go, where the new one is on RDS, when the instance answers: there is no server in a container", async () => {
    world.healthy = { "postgres-client": "client" };
    await expect(requireSuccessor("prod", onRds)).resolves.toBeUndefined();
    expect(world.ran).toEqual(["docker exec client psql -XAtq --command SELECT 1"]);
  });

  it("is kept while the instance does not answer, although its client still counts as healthy", async () => {
    world.healthy = { "postgres-client": "client" };
    world.answers = false;
    await expect(requireSuccessor("prod", onRds)).rejects.toThrow(
      /kept for now[^]*the database of prod on RDS[^]*an instance that answers/,
    );
  });

  it("is kept while there is no client, whatever of a server is there", async () => {
    world.healthy = { postgres: "server" };
    await expect(requireSuccessor("prod", onRds)).rejects.toThrow(/on RDS/);
    expect(world.ran).toEqual([]);
  });
});
