import type { Checksums, ImageModule, InstalledModule, Situation } from "../../../infra/operator/modules";
import type { ModuleChanges, ReleasePlan } from "../../../infra/operator/plan";

/** What a release asks for. */
export type Wishes = Pick<ReleasePlan, "modules" | "uninstall" | "upgrade">;

/** A module of an image. */
export const module = (checksum: string, more: Partial<ImageModule> = {}): ImageModule => ({
  version: "19.0.1.0.0",
  depends: ["base"],
  own: false,
  checksums: { "": checksum },
  ...more,
});
/** A module of a database. */
export const installed = (more: Partial<InstalledModule> = {}): InstalledModule => ({
  version: "19.0.1.0.0",
  state: "installed",
  imported: false,
  ...more,
});

/** A shop with one module of its own, as a release left it. */
export function situation(more: Partial<Situation> = {}): Situation {
  return {
    installed: new Map([
      ["base", installed()],
      ["sale", installed()],
      ["sale_gift", installed()],
    ]),
    stored: new Map<string, Checksums>([
      ["base", { "": "b1" }],
      ["sale", { "": "s1", fr: "f1" }],
      ["sale_gift", { "": "g1" }],
    ]),
    languages: [],
    inImage: new Map([
      ["base", module("b1", { depends: [] })],
      ["sale", module("s1", { checksums: { "": "s1", fr: "f1", de: "d1" } })],
      ["sale_gift", module("g1", { own: true, depends: ["sale"] })],
      ["sale_card", module("c1", { own: true, depends: ["sale_gift"] })],
    ]),
    ...more,
  };
}
/** What a release asks for: nothing but upgrades by content. */
export const wishes = (more: Partial<Wishes> = {}): Wishes => ({
  modules: [],
  uninstall: [],
  upgrade: "auto",
  ...more,
});
/** No changes. */
export const none: ModuleChanges = { install: [], upgrade: [], uninstall: [] };
