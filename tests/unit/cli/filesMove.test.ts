import { describe, expect, it } from "vitest";
import { plannedMove } from "../../../infra/cli/filesMove";
import { outcomeLines, outcomeOf, requireMovable } from "../../../infra/cli/filesMoveText";
import { listStacks, type StackFile } from "../../../infra/cli/stacks";
import type { Platform } from "../../../infra/config/platformOutput";
import type { JournalState } from "../../../infra/operator/journal";
import type { FilesMoved } from "../../../infra/operator/plan";
import { folderWith } from "../../support/folders";
import { planOf } from "../operator/plans";
import { imageOf, recordOf } from "./given";

const fileOf = (more: Partial<StackFile> = {}): StackFile => ({
  ...{ name: "prod", file: "stacks/Pulumi.prod.yaml", kind: "environment", stage: "production", platform: "acme" },
  ...{ machines: [], addons: "addons", version: "19.0" },
  ...more,
});

/** A platform of these machines, with production's web containers on some of them. */
function platformOf(machines: readonly string[], web: readonly string[]): Platform {
  const placement = { database: machines[0] ?? "", web };
  return {
    machines: machines.map((name) => ({
      name,
      dockerHost: `ssh://${name}`,
      cores: 4,
      memoryBytes: 1,
      reserveBytes: 1,
    })),
    placement: { production: placement, staging: placement, development: placement },
  } as unknown as Platform;
}

describe("what is to be moved", () => {
  const grown = platformOf(["main", "stage"], ["stage"]);
  const sharing = platformOf(["web-1", "web-2"], ["web-1", "web-2"]);
  const folder = fileOf({ filestore: { path: "/mnt/prod" } });

  it("is nothing where files are where they belong, or nowhere yet", () => {
    expect(plannedMove(fileOf(), grown, { files: "stage", shared: false, drained: [], down: [] })).toBeUndefined();
    expect(plannedMove(fileOf(), grown, { shared: false, drained: [], down: [] })).toBeUndefined();
    expect(plannedMove(folder, sharing, { files: "web-2", shared: true, drained: [], down: [] })).toBeUndefined();
  });

  it("is a volume to another machine, under the name that the file gives it", () => {
    const move = plannedMove(fileOf({ filestore: { volume: "odd" } }), grown, {
      files: "main",
      shared: false,
      drained: [],
      down: [],
    });
    expect(move).toMatchObject({
      from: { machine: "main", shared: false, volume: "odd" },
      to: { machine: "stage", shared: false, volume: "odd" },
      old: { dockerHost: "ssh://main" },
      web: [{ dockerHost: "ssh://stage" }],
    });
  });

  it("is a volume to a folder, on the same first machine as long as that is one of them; and back", () => {
    const there = plannedMove(folder, sharing, { files: "web-2", shared: false, drained: [], down: [] });
    expect(there).toMatchObject({
      path: "/mnt/prod",
      to: { machine: "web-2", shared: true, volume: "prod-filestore-shared" },
    });
    expect(there?.web.map(({ name }) => name)).toEqual(["web-2", "web-1"]);
    const back = plannedMove(fileOf(), platformOf(["web-1", "web-2"], ["web-1"]), {
      files: "web-1",
      shared: true,
      drained: [],
      down: [],
    });
    expect(back).toMatchObject({
      from: { machine: "web-1", shared: true, volume: "prod-filestore-shared" },
      to: { machine: "web-1", shared: false, volume: "prod-filestore" },
    });
  });

  it("goes to those web machines that are not taken out", () => {
    const move = plannedMove(folder, sharing, { files: "web-2", shared: false, drained: ["web-1"], down: [] });
    expect(move?.web.map(({ name }) => name)).toEqual(["web-2"]);
    expect(
      plannedMove(folder, sharing, { files: "web-2", shared: true, drained: ["web-1"], down: [] }),
    ).toBeUndefined();
  });

  it("can't be files of several machines without a folder, or on machines that the platform does not have", () => {
    expect(() => plannedMove(fileOf(), sharing, { files: "web-1", shared: false, drained: [], down: [] })).toThrow(
      /filestore\.path[^]*web-1, web-2/,
    );
    expect(() => plannedMove(fileOf(), grown, { files: "gone", shared: false, drained: [], down: [] })).toThrow(
      /the machine gone[^]*main, stage/,
    );
  });

  it("is read from the environment's file", () => {
    const text =
      "config:\n  odoo-stacks:kind: environment\n  odoo-stacks:filestore:\n    path: /mnt/prod\n    volume: odd\n";
    const none = "config:\n  odoo-stacks:kind: environment\n  odoo-stacks:filestore:\n";
    const project = folderWith({ "stacks/Pulumi.a.yaml": text, "stacks/Pulumi.b.yaml": none });
    expect(listStacks(project).map(({ filestore }) => filestore)).toEqual([
      { path: "/mnt/prod", volume: "odd" },
      undefined,
    ]);
  });
});

describe("an environment whose files are to be moved", () => {
  const image = imageOf("b");
  const current = { plan: planOf(), step: "hold", outcome: recordOf(1, "b") } as unknown as JournalState;
  const history = [recordOf(0, "a"), recordOf(1, "b"), recordOf(2, "c", { result: "failed" })];

  it("has to be up, and the next release of the version that it runs", () => {
    expect(() => requireMovable("prod", { current, history }, image.tag)).not.toThrow();
    expect(() => requireMovable("prod", { current, history }, imageOf("c").tag)).toThrow(
      /19.0-cccccccc in place of 19.0-bbbbbbbb[^]*odoo-stacks release -s prod/,
    );
  });

  it("is in no maintenance, and its last release has ended", () => {
    const maintenance = { message: "", allow: [], since: "", author: planOf().author };
    const interrupted = { ...current, outcome: undefined };
    expect(() => requireMovable("prod", { current: interrupted, history, maintenance }, image.tag)).toThrow(
      /interrupted at the step hold[^]*odoo-stacks up prod[^]*maintenance off -s prod/,
    );
  });
});

describe("what became of a move", () => {
  const main = { machine: "main", shared: false, volume: "prod-filestore" };
  const shown = (files: FilesMoved, path?: string) =>
    outcomeLines(outcomeOf("prod", recordOf(1, "b", { heldSeconds: 2.1 }), files, { total: 70 }), path);

  it("is told with what is left at the old place, and how that is removed", () => {
    const lines = shown({ from: main, to: { ...main, machine: "stage" }, files: 1234, bytes: 5 * 1024 ** 2 });
    expect(lines).toEqual([
      "prod: its files are at stage (volume prod-filestore) now (release 20261123-181000-abc1)",
      "  files     1234 (5 MB)",
      "  requests  held for 2.1 s",
      "  took      70.0 s",
      "  left      prod-filestore and prod-releases on main: nobody uses them any more, and they stay as they are",
      "            npx odoo-stacks let-go prod main removes them",
    ]);
  });

  it("says what stays on the same machine", () => {
    const to = { machine: "main", shared: true, volume: "prod-filestore-shared" };
    const lines = shown({ from: main, to, files: 1, bytes: 1 }, "/mnt/prod");
    expect(lines[0]).toMatch(/at the folder \/mnt\/prod now/);
    expect(lines[4]).toMatch(/left {6}prod-filestore on main: nobody uses it any more, and it stays as it is/);
  });

  it("says that files which both machines share have stayed", () => {
    const from = { machine: "web-1", shared: true, volume: "prod-filestore-shared" };
    const lines = shown({ from, to: { ...from, machine: "web-2" } }, "/mnt/prod");
    expect(lines[1]).toMatch(/stay in the folder/);
    expect(lines[4]).toMatch(/left {6}prod-releases on web-1/);
  });
});
