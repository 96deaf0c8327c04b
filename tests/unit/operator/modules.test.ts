import { describe, expect, it } from "vitest";
import { UserError } from "../../../infra/core/errors";
import {
  type Checksums,
  decideChanges,
  type ImageModule,
  type InstalledModule,
  type Situation,
  unfinished,
} from "../../../infra/operator/modules";
import type { ModuleChanges } from "../../../infra/operator/plan";
import { installed, module, none, situation, type Wishes, wishes } from "./moduleExamples";

/** The situation with one module of the image or of the database changed. */
const inImage = (name: string, changed: ImageModule, from = situation()): Situation => ({
  ...from,
  inImage: new Map([...from.inImage, [name, changed]]),
});
const inDatabase = (name: string, changed: InstalledModule, from = situation()): Situation => ({
  ...from,
  installed: new Map([...from.installed, [name, changed]]),
});
const without = <V>(map: ReadonlyMap<string, V>, name: string) => new Map([...map].filter(([key]) => key !== name));

/** What a refusal says is wrong. */
function problems(of: Situation, wanted: Wishes) {
  try {
    decideChanges(of, wanted);
  } catch (error) {
    if (error instanceof UserError) return error.problems;
    throw error;
  }
  return [];
}

describe("changes by content", () => {
  it("are none where the image has what the database was brought to", () => {
    expect(decideChanges(situation(), wishes({ modules: ["sale"] }))).toEqual(none);
  });

  it("upgrade a module with another checksum, and install one that is wanted", () => {
    const now = inImage("sale_gift", module("g2", { own: true, depends: ["sale"] }));
    expect(decideChanges(now, wishes({ modules: ["sale", "sale_card"] }))).toEqual({
      install: ["sale_card"],
      upgrade: ["sale_gift"],
      uninstall: [],
    });
  });

  it.each([
    { language: "fr", upgrade: ["sale"] },
    { language: "de", upgrade: [] },
  ])("mind translations into languages that are switched on: $language", ({ language, upgrade }) => {
    const changed = module("s1", { checksums: { "": "s1", fr: "f2", de: "d2" } });
    const now = { ...inImage("sale", changed), languages: [language] };
    // German was switched on since the last release: its translations are those of the image that serves.
    const running = new Map(inImage("sale", changed).inImage);
    expect(decideChanges({ ...now, running }, wishes()).upgrade).toEqual(upgrade);
  });

  it.each([
    { what: "the user's own module", checksums: "g2", more: { own: true }, upgrade: ["sale_gift"] },
    { what: "another module of the same version", checksums: "g2", more: {}, upgrade: [] },
    { what: "another version", checksums: "g2", more: { version: "19.0.1.1.0" }, upgrade: ["sale_gift"] },
  ])("go by origin and version where nothing is stored: $what", ({ checksums, more, upgrade }) => {
    const now = inImage("sale_gift", module(checksums, more), situation({ stored: undefined }));
    // The running image proves nothing about a database that came from elsewhere.
    expect(decideChanges({ ...now, running: now.inImage }, wishes()).upgrade).toEqual(upgrade);
  });

  it("take a module installed since the last release as the image had it that serves now", () => {
    const before = situation();
    const stored = without(before.stored ?? new Map<string, Checksums>(), "sale_gift");
    const now = { ...inImage("sale_gift", module("g2", { depends: ["sale"] })), stored };
    expect(decideChanges(now, wishes()).upgrade).toEqual([]);
    expect(decideChanges({ ...now, running: before.inImage }, wishes()).upgrade).toEqual(["sale_gift"]);
    expect(decideChanges({ ...now, running: now.inImage }, wishes()).upgrade).toEqual([]);
  });
});

describe("changes by choice", () => {
  const now = inImage("sale_gift", module("g2", { own: true, depends: ["sale"] }));

  it.each<[Wishes["upgrade"], readonly string[]]>([
    ["none", []],
    ["all", ["base", "sale", "sale_gift"]],
    [["sale"], ["sale"]],
  ])("upgrade %j", (upgrade, expected) => {
    expect(decideChanges(now, wishes({ upgrade })).upgrade).toEqual(expected);
  });

  it("finish whatever was begun", () => {
    const half = inDatabase(
      "sale",
      installed({ state: "to upgrade" }),
      inDatabase("sale_card", installed({ state: "to install", version: "" })),
    );
    const expected = { install: ["sale_card"], upgrade: ["sale"], uninstall: [] };
    expect(decideChanges(half, wishes({ upgrade: "none" }))).toEqual(expected);
  });

  it("uninstall what is listed and installed", () => {
    const wanted = wishes({ uninstall: ["sale_gift", "sale_card"] });
    expect(decideChanges(now, wanted)).toEqual({ install: [], upgrade: [], uninstall: ["sale_gift"] });
  });

  it("end a removal that was begun only when it is listed", () => {
    const half = inDatabase("sale_gift", installed({ state: "to remove" }));
    expect(problems(half, wishes())).toMatchObject([
      { path: "sale_gift", found: "somebody began to remove it and did not finish" },
    ]);
    expect(decideChanges(half, wishes({ uninstall: ["sale_gift"] })).uninstall).toEqual(["sale_gift"]);
  });
});

describe("a refusal", () => {
  it("names every module that vanished, but none that never was in an image", () => {
    const gone = situation({ inImage: without(situation().inImage, "sale_gift") });
    const uploaded = inDatabase("uploaded", installed({ imported: true }), gone);
    expect(problems(uploaded, wishes()).map(({ path }) => path)).toEqual(["sale_gift"]);
    expect(problems(uploaded, wishes({ uninstall: ["sale_gift"] }))[0]?.hint).toMatch(/put it back for one release/);
  });

  it("names who still needs a module that is to go, directly or not", () => {
    const full = inDatabase("sale_card", installed());
    const [problem, ...more] = problems(full, wishes({ uninstall: ["sale"] }));
    expect([problem?.found, more]).toEqual(["needed by sale_card, sale_gift", []]);
    expect(problems(full, wishes({ uninstall: ["sale", "sale_gift", "sale_card"] }))).toEqual([]);
    // One that is about to be installed needs it as well.
    expect(problems(situation(), wishes({ uninstall: ["sale_gift"], modules: ["sale_card"] }))).toHaveLength(1);
  });

  it("names modules that nobody has, with the nearest name", () => {
    const found = problems(situation(), wishes({ modules: ["sale_gfit"], upgrade: ["sael", "sale_card"] }));
    expect(found.map(({ path, hint }) => [path, hint])).toEqual([
      ["modules: sale_gfit", "did you mean sale_gift?"],
      ["upgrade: sael", "did you mean sale?"],
      ["upgrade: sale_card", undefined],
    ]);
  });

  it("tells of a module that is to stay and to go", () => {
    expect(problems(situation(), wishes({ modules: ["sale_gift"], uninstall: ["sale_gift"] }))).toHaveLength(1);
  });
});

describe("after a change of modules", () => {
  const changes: ModuleChanges = { install: ["sale_card"], upgrade: ["sale"], uninstall: ["sale_gift"] };
  const names = ["base", "sale", "sale_card"];
  const good = new Map(names.map((name) => [name, installed()]));
  const after = (of: ReadonlyMap<string, InstalledModule>) => ({ installed: of, stored: undefined, languages: [] });
  const found = (of: ReadonlyMap<string, InstalledModule>) => unfinished(changes, after(of), situation().inImage);

  it("nothing is left to say when all was done", () => {
    expect(found(good)).toEqual([]);
  });

  it.each([
    ["a state in between", new Map([...good, ["base", installed({ state: "to upgrade" })]]), "base"],
    ["a module that is missing", without(good, "sale_card"), "sale_card"],
    ["a module that is still there", new Map([...good, ["sale_gift", installed()]]), "sale_gift"],
    ["an old version", new Map([...good, ["sale", installed({ version: "19.0.0.9.0" })]]), "sale"],
  ])("%s is named", (_, of, path) => {
    expect(found(of).map((problem) => problem.path)).toEqual([path]);
  });
});
