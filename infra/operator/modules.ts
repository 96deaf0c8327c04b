import { type Problem, UserError } from "../core/errors";
import { nearest } from "../core/nearest";
import type { ModuleChanges, ReleasePlan } from "./plan";

/**
 * What a module was made of: the checksum under `""` is of all that an upgrade reads whatever the language, each other one
 * of the translations into the language that it is named after (`fr`).
 */
export type Checksums = Readonly<Record<string, string>>;

/** A module as an image has it (`infra/images/odoo/checksums.py`). */
export interface ImageModule {
  /** As Odoo keeps it in the database: `19.0.1.0.0`. */
  readonly version: string;
  /** Modules that it depends on directly. */
  readonly depends: readonly string[];
  /** Whether it comes from the user's addons folder. */
  readonly own: boolean;
  readonly checksums: Checksums;
}

/** A module as a database knows it. */
export interface InstalledModule {
  readonly version: string;
  /** `installed`, or what Odoo was about to do with it: `to install`, `to upgrade`, `to remove`. */
  readonly state: string;
  /** Uploaded through Odoo's pages, or made with Studio: in the database alone, no image has it. */
  readonly imported: boolean;
}

/** What a database knows of its modules; those that are not installed are left out. */
export interface DatabaseModules {
  readonly installed: ReadonlyMap<string, InstalledModule>;
  /** What each module was last installed or upgraded from; `undefined` where no release has kept it yet. */
  readonly stored: ReadonlyMap<string, Checksums> | undefined;
  /** Languages that are switched on, without country, English as Odoo is written in left out. */
  readonly languages: readonly string[];
}

/** The modules of an image. */
export type ImageModules = ReadonlyMap<string, ImageModule>;

/** What a release starts from. */
export interface Situation extends DatabaseModules {
  /** The image to go to. */
  readonly inImage: ImageModules;
  /**
   * The image that serves now: what the database keeps no checksum of was installed from it since the last release. Without
   * it, such a module is upgraded when it is the user's own or has another version.
   */
  readonly running?: ImageModules;
}

type Wishes = Pick<ReleasePlan, "modules" | "uninstall" | "upgrade">;

/**
 * Finds what has to be done to the modules.
 * @throws UserError naming everything that can't be: modules that are missing, in use by others, or half removed.
 */
export function decideChanges(situation: Situation, wishes: Wishes): ModuleChanges {
  const problems = [
    ...vanished(situation, wishes),
    ...halfRemoved(situation, wishes),
    ...unknown(situation, wishes),
    ...stillNeeded(situation, wishes),
  ];
  if (problems.length > 0) throw new UserError("The modules can't be brought to what is asked for.", problems);
  const { installed, inImage } = situation;
  const uninstall = wishes.uninstall.filter((name) => installed.has(name));
  const halfInstalled = [...installed]
    .filter(([name, { state }]) => state === "to install" && !uninstall.includes(name))
    .map(([name]) => name);
  const install = [...wishes.modules.filter((name) => !installed.has(name)), ...halfInstalled];
  const upgrade = [...installed]
    .filter(([name, module]) => inImage.has(name) && isDue(name, module, situation, wishes.upgrade))
    .map(([name]) => name)
    .filter((name) => !uninstall.includes(name) && !install.includes(name));
  return { install: unique(install), upgrade: unique(upgrade), uninstall: unique(uninstall) };
}

/** Whether nothing is to be done. */
export const isEmpty = (changes: ModuleChanges): boolean =>
  changes.install.length + changes.upgrade.length + changes.uninstall.length === 0;

function isDue(name: string, module: InstalledModule, situation: Situation, choice: ReleasePlan["upgrade"]): boolean {
  if (module.state === "to upgrade") return true;
  if (choice === "none" || choice === "all") return choice === "all";
  return choice === "auto" ? isChanged(name, module, situation) : choice.includes(name);
}

/** Whether an image has another content of a module than what the database was brought to. */
function isChanged(name: string, module: InstalledModule, situation: Situation): boolean {
  const wanted = situation.inImage.get(name);
  const stored = situation.stored?.get(name);
  // Without any checksums the database may come from anywhere: the image that serves it proves nothing.
  const running = situation.stored ? situation.running?.get(name)?.checksums : undefined;
  if (!wanted) return false;
  const known = stored ?? running;
  if (!known) return wanted.own || wanted.version !== module.version;
  return ["", ...situation.languages].some((part) => (known[part] ?? running?.[part]) !== wanted.checksums[part]);
}

/**
 * What to keep in the database after a release.
 * @param before What it started from.
 * @param choice How upgrades were chosen: with `none` or a list, modules may lag behind their image on purpose.
 * @param changes What was done.
 * @param after The modules afterwards.
 */
export function checksumsAfter(
  before: Situation,
  choice: ReleasePlan["upgrade"],
  changes: ModuleChanges,
  after: DatabaseModules,
): ReadonlyMap<string, Checksums> {
  const done = new Set([...changes.install, ...changes.upgrade]);
  const upToDate = (name: string) =>
    choice === "auto" || choice === "all" || done.has(name) || !before.installed.has(name);
  return new Map(
    [...after.installed.keys()].flatMap((name): [string, Checksums][] => {
      const source = upToDate(name) ? before.inImage.get(name)?.checksums : before.stored?.get(name);
      const parts = ["", ...after.languages].flatMap((part) => (source?.[part] ? [[part, source[part]]] : []));
      return source ? [[name, Object.fromEntries(parts) as Checksums]] : [];
    }),
  );
}

/**
 * What is not as it should be after modules were changed.
 * @param changes What was to be done.
 * @param after The modules afterwards.
 * @param inImage The image that did it.
 */
export function unfinished(changes: ModuleChanges, after: DatabaseModules, inImage: ImageModules): readonly Problem[] {
  const states = [...after.installed]
    .filter(([, { state }]) => state !== "installed")
    .map(([name, { state }]) => ({ path: name, expected: "installed", found: state }));
  const missing = changes.install
    .filter((name) => !after.installed.has(name))
    .map((name) => ({ path: name, expected: "installed", found: "not installed" }));
  const left = changes.uninstall
    .filter((name) => after.installed.has(name))
    .map((name) => ({ path: name, expected: "not installed", found: "still installed" }));
  const old = changes.upgrade.flatMap((name): Problem[] => {
    const [expected, found] = [inImage.get(name)?.version, after.installed.get(name)?.version];
    return expected !== undefined && found !== undefined && expected !== found
      ? [{ path: name, expected: `version ${expected}`, found: `version ${found}` }]
      : [];
  });
  return [...states, ...missing, ...left, ...old];
}

/** Modules that are installed and not in the image: Odoo would leave their data without their code. */
function vanished({ installed, inImage }: Situation, wishes: Wishes): Problem[] {
  return [...installed]
    .filter(([name, module]) => !module.imported && !inImage.has(name))
    .map(([name]) => ({
      path: name,
      expected: "a module that the new version has, because it is installed",
      found: "the new version has none of that name",
      hint: wishes.uninstall.includes(name)
        ? "its own code is needed to remove it: put it back for one release that uninstalls it, then take it away"
        : "put it back, or uninstall it with a release that still has it",
    }));
}

/** Modules whose removal was begun: any upgrade would end it, and take their data along. */
function halfRemoved({ installed }: Situation, wishes: Wishes): Problem[] {
  return [...installed]
    .filter(([name, { state }]) => state === "to remove" && !wishes.uninstall.includes(name))
    .map(([name]) => ({
      path: name,
      expected: "a module that is installed or not",
      found: "somebody began to remove it and did not finish",
      hint: "list it under uninstall to have it removed with its data; or cancel its removal in Odoo's Apps",
    }));
}

function unknown({ installed, inImage }: Situation, wishes: Wishes): Problem[] {
  const named = Array.isArray(wishes.upgrade) ? (wishes.upgrade as readonly string[]) : [];
  const absent = wishes.modules
    .filter((name) => !inImage.has(name) && !installed.has(name))
    .map((name): Problem => ({
      path: `modules: ${name}`,
      expected: "a module of Odoo or of your addons folder that can be installed",
      found: "the new version has none of that name",
      hint: didYouMean(name, inImage.keys()),
    }));
  const idle = named
    .filter((name) => !installed.has(name) && !wishes.modules.includes(name))
    .map((name): Problem => ({
      path: `upgrade: ${name}`,
      expected: "a module that is installed",
      found: inImage.has(name) ? "it is not installed" : "there is none of that name",
      hint: didYouMean(name, installed.keys()),
    }));
  return [...absent, ...idle];
}

/** Modules that are to be removed while others need them. */
function stillNeeded({ installed, inImage }: Situation, wishes: Wishes): Problem[] {
  const users = [...new Set([...installed.keys(), ...wishes.modules])].filter(
    (name) => !wishes.uninstall.includes(name) || wishes.modules.includes(name),
  );
  return wishes.uninstall.flatMap((name): Problem[] => {
    if (wishes.modules.includes(name)) {
      return [{ path: name, expected: "under modules or under uninstall", found: "it is under both" }];
    }
    const dependants = users.filter((user) => needs(inImage, user, name));
    if (dependants.length === 0) return [];
    const list = dependants.sort().join(", ");
    const hint = "Odoo would remove these as well, with their data: list them under uninstall too if that is meant";
    return [{ path: `uninstall: ${name}`, expected: "a module that no other needs", found: `needed by ${list}`, hint }];
  });
}

/** Whether a module depends on another one, directly or not. */
function needs(inImage: ImageModules, user: string, needed: string, seen = new Set<string>()): boolean {
  if (seen.has(user)) return false;
  seen.add(user);
  return (inImage.get(user)?.depends ?? []).some((name) => name === needed || needs(inImage, name, needed, seen));
}

function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = nearest(name, candidates);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
