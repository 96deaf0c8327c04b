import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksumsAfter, decideChanges, isEmpty, type Situation, unfinished } from "../../../infra/operator/modules";
import { installed, none, type Wishes, wishes } from "./moduleExamples";

describe("for any database and image", () => {
  const names = ["base", "a", "b", "c", "d", "e"];
  const checksums = fc.record({ "": fc.constantFrom("1", "2"), fr: fc.constantFrom("1", "2") }, { requiredKeys: [""] });
  const subset = fc.subarray(names.slice(1));
  /** Modules depend on earlier ones alone, as real ones do; everything installed is in the image, with what it needs. */
  const any = fc
    .record({
      modules: fc.tuple(
        ...names.map((_, index) =>
          fc.record({ depends: fc.subarray(names.slice(0, index)), own: fc.boolean(), checksums }),
        ),
      ),
      there: subset,
      stored: fc.option(fc.dictionary(fc.constantFrom(...names), checksums), { nil: undefined }),
      languages: fc.constantFrom<readonly string[]>([], ["fr"]),
      states: fc.array(fc.constantFrom("installed", "to upgrade", "to install"), { minLength: 6, maxLength: 6 }),
    })
    .map(({ modules, there, stored, languages, states }): Situation => {
      const image = new Map(modules.map((one, index) => [names[index] ?? "", { version: "19.0.1.0", ...one }]));
      return {
        installed: new Map(
          ["base", ...there].map((name, index) => [name, installed({ state: states[index], version: "19.0.1.0" })]),
        ),
        stored: stored && new Map(Object.entries(stored)),
        languages,
        inImage: image,
      };
    });
  const choice = fc.oneof(fc.constantFrom<Wishes["upgrade"]>("auto", "none", "all"));

  it("each module is in one list at most, and only what is there is changed or removed", () => {
    fc.assert(
      fc.property(any, subset, choice, (now, modules, upgrade) => {
        const changes = decideChanges(now, wishes({ modules, upgrade }));
        const all = [...changes.install, ...changes.upgrade, ...changes.uninstall];
        expect(new Set(all).size).toBe(all.length);
        expect(changes.upgrade.filter((name) => now.installed.get(name)?.state === "to install")).toEqual([]);
        for (const name of changes.upgrade) expect(now.installed.has(name)).toBe(true);
        for (const name of modules) expect(now.installed.has(name) || changes.install.includes(name)).toBe(true);
      }),
    );
  });

  it("what a release did is not done again by the next one", () => {
    fc.assert(
      fc.property(any, subset, choice, (now, modules, upgrade) => {
        const changes = decideChanges(now, wishes({ modules, upgrade }));
        const there = [...now.installed.keys(), ...changes.install];
        const done = new Map(there.map((name) => [name, installed({ version: "19.0.1.0" })]));
        const after = { installed: done, stored: undefined, languages: now.languages };
        expect(unfinished(changes, after, now.inImage)).toEqual([]);
        const stored = checksumsAfter(now, upgrade, changes, after);
        if (upgrade === "none") return;
        expect(isEmpty(decideChanges({ ...now, ...after, stored }, wishes({ modules })))).toBe(true);
      }),
    );
  });

  it("a module that was left out of an upgrade is found by the next one that looks", () => {
    fc.assert(
      fc.property(any, (now) => {
        const settled = { ...now, installed: new Map([...now.installed.keys()].map((name) => [name, installed()])) };
        const due = decideChanges(settled, wishes()).upgrade;
        const stored = checksumsAfter(settled, "none", none, settled);
        if (now.stored) expect(decideChanges({ ...settled, stored }, wishes()).upgrade).toEqual(due);
      }),
    );
  });
});
