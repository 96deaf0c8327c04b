/** Configuration as Pulumi hands it to the program: values as text, groups and lists as JSON. */
type Raw = Readonly<Record<string, string>>;

type Group = Readonly<Record<string, unknown>>;

/** Keys that an environment takes over whole from the one that it is a copy of. */
const wholeKeys = ["addons", "language", "country", "modules"] as const;

/** Of these groups, the keys that say whether one is taken over. */
const groups: Readonly<Record<string, (key: string) => boolean>> = {
  // Size follows from the own share of the machine, and connections from memory.
  odoo: (key) => !["workers", "cronThreads", "dbMaxconn", "memory", "dev"].includes(key),
  database: (key) => key === "settings",
};

/**
 * What an environment exports of its configuration, for those that are copies of it.
 *
 * @param raw Its configuration, with what it takes over itself. Where a key is a secret, so is what is returned.
 * @returns the keys that are taken over, in the same form; those that are not set are left out, as defaults are the same.
 */
export function inheritedSettings(raw: Raw): Record<string, string> {
  const whole = wholeKeys.flatMap((key) => (raw[key] === undefined ? [] : [[key, raw[key]] as const]));
  const parts = Object.entries(groups).flatMap(([name, takes]) => {
    const kept = Object.entries(groupOf(raw[name]) ?? {}).filter(([key]) => takes(key));
    return kept.length > 0 ? [[name, JSON.stringify(Object.fromEntries(kept))] as const] : [];
  });
  return Object.fromEntries([...whole, ...parts]);
}

/**
 * An environment's configuration with what it takes over from the one that it is a copy of, so that it behaves as that one
 * does. What its own file says wins, key by key; a list counts as one key.
 *
 * @param own The environment's own configuration.
 * @param source The other one's, as {@link inheritedSettings} returns it, or all of it.
 */
export function inheritSettings(own: Raw, source: Raw): Record<string, string> {
  const merged = Object.entries(inheritedSettings(source)).flatMap(([key, text]) => {
    const mine = own[key];
    if (isMissing(mine)) return [[key, text] as const];
    const [ownGroup, sourceGroup] = [groupOf(mine), groupOf(text)];
    // What is no group although it should be is reported when the whole is checked.
    if (!(key in groups) || !ownGroup || !sourceGroup) return [];
    return [[key, JSON.stringify(merge(ownGroup, sourceGroup))] as const];
  });
  return { ...own, ...Object.fromEntries(merged) };
}

/** The environment that a configuration says its data is copied from; undefined where it names none. */
export function sourceName(raw: Raw): string | undefined {
  const source = groupOf(raw.restore)?.source;
  return typeof source === "string" && /^[\w.-]{1,100}$/.test(source) ? source : undefined;
}

/** Own values, and below groups the source's where there is no own one. */
function merge(own: Group, source: Group): Group {
  const taken = Object.entries(source).map(([key, theirs]): [string, unknown] => {
    const mine = Object.hasOwn(own, key) ? own[key] : undefined;
    if (mine === undefined || mine === null) return [key, theirs];
    return [key, isGroup(mine) && isGroup(theirs) ? merge(mine, theirs) : mine];
  });
  return Object.fromEntries([...Object.entries(own), ...taken]);
}

/** A group of keys from its text; `undefined` where the text is none. */
function groupOf(text: string | undefined): Group | undefined {
  try {
    const value = JSON.parse(text ?? "") as unknown;
    return isGroup(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** In YAML, a key whose lines below are all commented out is null: as good as not there. */
function isMissing(text: string | undefined): text is undefined {
  return text === undefined || text === "null";
}

function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
