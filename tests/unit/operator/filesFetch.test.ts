import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RunResult } from "../../../infra/core/exec";
import type { FilesRoute } from "../../../infra/operator/files/argv";
import type { BringOptions } from "../../../infra/operator/files/bring";
import { fetchFiles } from "../../../infra/operator/files/fetch";
import { OldPlace } from "../../../infra/operator/files/old";
import { filesVolumes } from "../../../infra/swarm/files";
import type { Place } from "../../../infra/swarm/places";

/** Where the labels have the files, what Docker was asked and answers, and what was brought. */
const world = vi.hoisted((): World => ({
  ...{ place: { files: "main", shared: false, drained: [], down: [] }, asked: [], answers: new Map(), brought: [] },
}));

interface World {
  place: Place;
  readonly asked: string[];
  readonly answers: Map<RegExp, Partial<RunResult>>;
  readonly brought: { route: FilesRoute; options: BringOptions }[];
}

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]): Promise<RunResult> => {
    const asked = argv.join(" ");
    world.asked.push(asked);
    const answer = [...world.answers].find(([pattern]) => pattern.test(asked))?.[1];
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...answer });
  };
  return {
    attempt,
    run: async (argv: readonly string[]) => (await attempt(argv)).stdout,
    setVariables: () => undefined,
  };
});
vi.mock("../../../infra/operator/peers", async (original) => ({
  ...(await original<object>()),
  readMachines: () => ({ self: "stage", manager: "main", others: ["main"] }),
}));
vi.mock("../../../infra/operator/self", () => ({ ownImage: () => Promise.resolve("sha256:operator") }));
vi.mock("../../../infra/operator/files/bring", () => ({
  bring: (route: FilesRoute, options: BringOptions) => {
    world.brought.push({ route, options });
    options.report("3 %");
    return Promise.resolve({ files: 2, bytes: 3, all: { files: 4, bytes: 5 }, seconds: 1 });
  },
}));
vi.mock("../../../infra/swarm/places", () => ({ swarmNodes: () => Promise.resolve([]), placeOf: () => world.place }));

const volumes = filesVolumes("prod");
const fetch = (wanted: { machine: string; shared: boolean }, lines: string[] = []) =>
  fetchFiles({ version: 1, stack: "prod", database: "odoo", wanted: { ...wanted, volumes } }, (line) =>
    lines.push(line),
  );

beforeEach(() => {
  world.place = { files: "main", shared: false, drained: [], down: [] };
  world.asked.length = 0;
  world.answers.clear();
  world.brought.length = 0;
});

describe("what is brought while an environment goes on", () => {
  it("is the records, exactly, and the files, from the machine that has them, giving way to its users", async () => {
    const lines: string[] = [];
    const fetched = await fetch({ machine: "stage", shared: false }, lines);
    expect(world.brought.map(({ route }) => [route.from, route.to, route.gentle])).toEqual([
      [{ engine: "ssh://main", volume: "prod-releases" }, { volume: "prod-releases", folder: "/releases" }, true],
      [{ engine: "ssh://main", volume: "prod-filestore" }, { volume: "prod-filestore", folder: "/filestore" }, true],
    ]);
    const mirrored = world.brought.map(({ options }) =>
      ["history.json", "filestore/odoo/ab", "sessions/ab"].map(options.mirrored),
    );
    expect(mirrored).toEqual([
      [true, true, true],
      [false, false, true],
    ]);
    expect(fetched).toMatchObject({
      from: { machine: "main", volume: "prod-filestore" },
      files: { all: { files: 4 } },
    });
    expect(lines).toEqual(["records of releases: 3 %", "files: 3 %", "2 files have come (3 B)."]);
    expect(world.asked.filter((asked) => asked.includes(" rm "))).toEqual([
      "docker --host ssh://main rm --force prod-watch",
    ]);
  });

  it("is no records where the machine stays, and no files where the folder does", async () => {
    world.place = { files: "stage", shared: false, drained: [], down: [] };
    await fetch({ machine: "stage", shared: true });
    expect(world.brought.map(({ route }) => [route.from, route.to.volume])).toEqual([
      [{ engine: undefined, volume: "prod-filestore" }, "prod-filestore-shared"],
    ]);
    world.brought.length = 0;
    world.place = { files: "main", shared: true, drained: [], down: [] };
    await fetch({ machine: "stage", shared: true });
    expect(world.brought.map(({ route }) => route.to.volume)).toEqual(["prod-releases"]);
  });

  it("is nothing where the files are in use already: those would be taken for a copy", async () => {
    world.place = { files: "stage", shared: false, drained: [], down: [] };
    await expect(fetch({ machine: "stage", shared: false })).rejects.toThrow(/are on stage already/);
    expect(world.brought).toEqual([]);
  });
});

describe("the machine that has the files until now", () => {
  const old = () => new OldPlace("prod", { machine: "main", shared: false, volume: volumes.own }, "sha256:operator");

  it("is asked for volumes that are there, because Docker would make others", async () => {
    await old().requireReady();
    expect(world.asked).toContain("docker --host ssh://main volume inspect prod-filestore");
    world.answers.set(/volume inspect prod-releases/, { exitCode: 1, stderr: "no such volume" });
    await expect(old().requireReady()).rejects.toThrow(/the volume prod-releases[^]*no such volume/);
  });

  it("must not have an operator at work, which this machine's own is not", async () => {
    world.answers.set(/docker --host ssh:\/\/main ps/, { stdout: "abc\n" });
    await expect(old().requireReady()).rejects.toThrow(/Another command is at work on prod[^]*one on main/);
    const same = new OldPlace("prod", { machine: "stage", shared: false, volume: volumes.own }, "sha256:operator");
    await same.requireReady();
    expect(same.engine).toBeUndefined();
    await same.clear();
    expect(world.asked.join()).not.toContain(" rm ");
  });

  it("is asked for its history, and rid of what has ended there", async () => {
    world.answers.set(/sha256:operator history$/, { stdout: '[{"id":"one"}]' });
    expect(await old().history()).toEqual([{ id: "one" }]);
    await old().clear();
    expect(world.asked.at(-1)).toBe("docker --host ssh://main rm --force prod-operator prod-watch prod-gate");
  });
});
