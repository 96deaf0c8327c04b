import { beforeEach, describe, expect, it, vi } from "vitest";
import { placeLabels } from "../../../infra/swarm/places";
import { silent } from "../../../infra/core/report";
import { moveToRds, type ToRdsPlan } from "../../../infra/operator/move/toRds";

/** What there is in the Swarm and in its containers, what was done in order, and what fails. */
const world = vi.hoisted(() => ({
  mark: "true",
  client: true,
  limit: "-1",
  missing: "",
  parts: "",
  sums: new Map<string, string>(),
  order: [] as string[],
  passed: [] as (readonly string[])[],
  fails: [] as string[],
}));

/** What SQL does, as this test calls it. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/SELECT CASE datconnlimit/, "limit"],
  [/pg_terminate_backend/, "close"],
  [/CONNECTION LIMIT -?\d+/, "let in"],
  [/DROP SCHEMA/, "empty"],
  [/string_agg\(extname/, "extensions"],
  [/string_agg\(name/, "missing"],
  [/SELECT c\.relkind/, "parts"],
  [/extra_float_digits/, "sums"],
  [/odoo_stacks_probe/, "write"],
  [/^ANALYZE$/, "statistics"],
];

function answer(argv: readonly string[], input = ""): string {
  const command = argv.join(" ");
  if (command === "docker node ls --quiet") return "node-1\n";
  if (command.startsWith("docker node inspect")) {
    const labels = {
      [placeLabels.machine]: "db",
      ...(world.mark ? { [placeLabels.database("prod")]: world.mark } : {}),
    };
    return JSON.stringify([
      { ID: "node-1", Spec: { Labels: labels, Role: "worker", Availability: "active" }, Status: { State: "ready" } },
    ]);
  }
  if (command.startsWith("docker node update")) {
    world.mark = /--label-add \S+=(\S+) node-1$/.exec(command)?.[1] ?? "";
    return step(`mark ${world.mark}`, "");
  }
  if (command.startsWith("docker service ls")) return world.client ? "client-service\n" : "";
  if (command.startsWith("docker service inspect")) return '["PGHOST=now"]';
  const container = /^docker exec --interactive (\S+) sh -c/.exec(command)?.[1];
  if (container === undefined) throw new Error(`nobody expected: ${command}`);
  const kind = kinds.find(([pattern]) => pattern.test(input))?.[1] ?? `unknown SQL: ${input}`;
  const database = argv.at(-1) ?? "";
  const limit = kind === "let in" ? ` ${/CONNECTION LIMIT (-?\d+)/.exec(input)?.[1] ?? ""}` : "";
  const answers: Record<string, string> = {
    limit: world.limit,
    missing: world.missing,
    parts: world.parts,
    sums: world.sums.get(container) ?? "",
  };
  return step(`${kind}${limit}: ${container}/${database}`, answers[kind] ?? "");
}

function step(name: string, result: string): string {
  world.order.push(name);
  if (world.fails.includes(name)) throw new Error(`${name} failed`);
  return result;
}

vi.mock("../../../infra/core/exec", () => ({
  run: (argv: readonly string[], { input }: { input?: string } = {}) =>
    new Promise((resolve) => {
      resolve(answer(argv, input));
    }),
  attempt: (argv: readonly string[]) => {
    if (argv[1] === "inspect") {
      const host = argv.at(-1) === "client" ? "now" : "before";
      return Promise.resolve({ exitCode: 0, stdout: `["PGHOST=${host}","PATH=/bin"]`, stderr: "" });
    }
    const role = /label=odoo-stacks\.role=(\S+)/.exec(argv.join(" "))?.[1];
    const there =
      role === "postgres" ? "server\n" : role === "postgres-client" && world.client ? "old-client\nclient\n" : "";
    return Promise.resolve({ exitCode: 0, stdout: there, stderr: "" });
  },
}));
vi.mock("../../../infra/operator/files/flow", () => ({
  FlowFailed: class extends Error {},
  pass: (from: readonly string[], to: readonly string[], _: unknown, passed: (bytes: number) => void) =>
    new Promise<void>((resolve) => {
      world.passed.push(from, to);
      step("copy", "");
      [100, 23].forEach(passed);
      resolve();
    }),
}));

const plan: ToRdsPlan = { stack: "prod", database: "live" };
const move = () => moveToRds(plan, silent);
const first = ["limit: server/postgres", "extensions: server/live", "missing: client/live"];
const before = [...first, "empty: client/live", "close: server/postgres", "copy"];
const sums = ["sums: server/live", "sums: client/live"];

beforeEach(() => {
  const same = "public.a|3|99\npublic.a_id_seq|3|t\npublic.b|4|7\n";
  Object.assign(world, { mark: "true", client: true, limit: "-1", missing: "", order: [], passed: [], fails: [] });
  world.parts = "r|public.a\nS|public.a_id_seq\nm|public.b\n";
  for (const place of ["server", "client"]) world.sums.set(place, same);
});

describe("a move to RDS", () => {
  it("shuts all out, copies, compares, tries the new place, and marks it last", async () => {
    const record = await move();
    expect(world.order).toEqual([
      ...[...before, "parts: server/live", ...sums, "write: client/live", "statistics: client/live"],
      "mark rds",
    ]);
    // What a sequence says is no number of rows.
    expect(record).toMatchObject({ from: "db", parts: 3, rows: 7, bytes: 123 });
    if (!("seconds" in record)) throw new Error(record.reason);
    expect(Object.keys(record.seconds)).toEqual([
      "extensions",
      "empty",
      "close",
      "copy",
      "compare",
      "write",
      "statistics",
    ]);
  });

  it("goes as one stream from the server's container to the client's, which owns all of it", async () => {
    await move();
    const [from = [], to = []] = world.passed;
    expect(from.slice(0, 4)).toEqual(["docker", "exec", "server", "pg_dump"]);
    expect(from.at(-1)).toBe("live");
    expect(to.slice(0, 5)).toEqual(["docker", "exec", "--interactive", "client", "pg_restore"]);
    expect(to).toEqual(expect.arrayContaining(["--no-owner", "--exit-on-error", "--dbname", "live"]));
  });

  it.each([
    ["close: server/postgres"],
    ["copy"],
    ["parts: server/live"],
    ["sums: client/live"],
    ["write: client/live"],
    ["statistics: client/live"],
    ["mark rds"],
  ])("gives the sessions back, as many as before, where this fails: %s", async (fails) => {
    world.fails = [fails];
    world.limit = "40";
    expect(await move()).toMatchObject({ reason: `${fails} failed` });
    expect(world.order.at(-1)).toBe("let in 40: server/postgres");
    if (fails !== "mark rds") expect(world.mark).toBe("true");
  });

  it("shuts nobody out where the instance does not answer", async () => {
    world.fails = ["empty: client/live"];
    expect(await move()).toEqual({ step: "empty", reason: "empty: client/live failed" });
    expect(world.order).toEqual([...first, "empty: client/live", "let in -1: server/postgres"]);
  });

  it("shuts nobody out, and empties nothing, where the instance lacks an extension", async () => {
    world.missing = "postgis\n";
    expect(await move()).toMatchObject({ step: "extensions", reason: expect.stringContaining("postgis") as string });
    expect(world.order).toEqual([...first, "let in -1: server/postgres"]);
  });

  it.each([
    ["a row more", "public.a|4|98\npublic.a_id_seq|3|t\npublic.b|4|7\n", /1 of 3 tables .*: public\.a$/],
    ["other values", "public.a|3|98\npublic.a_id_seq|3|t\npublic.b|4|7\n", /1 of 3 .*: public\.a$/],
    [
      "a sequence that is elsewhere",
      "public.a|3|99\npublic.a_id_seq|2|t\npublic.b|4|7\n",
      /1 of 3 .*: public\.a_id_seq$/,
    ],
    ["nothing of the last table", "public.a|3|99\npublic.a_id_seq|3|t\n", /1 of 3 .*: public\.b$/],
    ["nothing", "", /3 of 3 .*: public\.a, public\.a_id_seq, public\.b$/],
  ])("marks nothing, and gives the sessions back, where RDS has %s", async (_, client, message) => {
    world.sums.set("client", client);
    expect(await move()).toEqual({ step: "compare", reason: expect.stringMatching(message) as string });
    expect(world.mark).toBe("true");
    expect(world.order.slice(-2)).toEqual([sums[1], "let in -1: server/postgres"]);
    expect(world.order).not.toContain("write: client/live");
  });

  it("marks nothing where the server does not tell of all that it has", async () => {
    for (const place of ["server", "client"]) world.sums.set(place, "public.a|3|99\n");
    expect(await move()).toMatchObject({ reason: expect.stringMatching(/0 of 3/) as string });
    expect(world.mark).toBe("true");
  });

  it("is at its end where the mark says so: nothing is asked, and nothing compared", async () => {
    world.mark = "rds";
    expect(await move()).toEqual({ from: "db", parts: 0, rows: 0, bytes: 0, seconds: {} });
    expect(world.order).toEqual([]);
  });

  it("is refused without a database in a container, or an instance to go to", async () => {
    world.client = false;
    await expect(move()).rejects.toThrow(/no instance on RDS[^]*keep kind: container, and: npx odoo-stacks up prod/);
    world.mark = "";
    await expect(move()).rejects.toThrow(/no database of prod in a container/);
    expect(world.order).toEqual([]);
  });
});
