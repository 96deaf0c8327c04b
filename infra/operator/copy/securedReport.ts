/** What was switched off. */
export interface Neutralised {
  /** What could reach other systems or people → how many of them were switched off or removed. */
  readonly off: Readonly<Record<string, number>>;
  /** Modules whose own script was run. */
  readonly scripts: readonly string[];
  /** Own modules without a script: whatever they send, nothing but the network keeps it in. */
  readonly withoutScript: readonly string[];
  /** Installed modules that the image does not have, so that their scripts could not be run. */
  readonly notInImage: readonly string[];
  /** `host:port` that mail goes to; null when it goes nowhere. */
  readonly mail: string | null;
}

/** Values of a column that were replaced, or emptied because they are secrets. */
export interface Obfuscated {
  readonly table: string;
  readonly column: string;
  /** What they became. */
  readonly kind: string;
  readonly rows: number;
}

/** What was done to a copy before anybody could connect. */
export interface Secured {
  /** ISO 8601. */
  readonly at: string;
  readonly neutralised: Neutralised;
  /** Columns that had something to replace. */
  readonly obfuscated: readonly Obfuscated[];
  /** Rows that were removed, by table; only tables that had any. */
  readonly removed: readonly { readonly table: string; readonly rows: number }[];
  /** Values of system parameters that were secrets. */
  readonly parameters: number;
  readonly attachments: {
    /** Attachments that have a placeholder's content now. */
    readonly replaced: number;
    /** Files that were removed because nothing refers to them any more. */
    readonly files: number;
    /** Attachments whose searchable text was emptied. */
    readonly indexed: number;
  };
  readonly identity: {
    readonly baseUrl: string;
    /** Login of the administrator. */
    readonly admin: string;
    /** Testers that were found. */
    readonly testers: readonly string[];
  };
  /** Wishes that name what the database does not have: `table.column`, or a tester's login. */
  readonly unknown: readonly string[];
  /** Part → seconds. */
  readonly seconds: Readonly<Record<string, number>>;
}

const number = (value: number): string => value.toLocaleString("en");

/**
 * A report for people: what was switched off, replaced and removed, and what to look at.
 * @param secured What {@link Secured} says.
 */
export function describeSecured(secured: Secured): string {
  const { neutralised, obfuscated, removed, attachments, identity, parameters, seconds } = secured;
  const isSecret = ({ kind }: Obfuscated) => kind === "empty" || kind === "token";
  const personal = obfuscated.filter((one) => !isSecret(one));
  const emptied = obfuscated.filter(isSecret);
  const lines = [
    `Secured ${secured.at.slice(0, 16).replace("T", " ")} UTC: ${identity.baseUrl}, administrator ${identity.admin}` +
      (identity.testers.length > 0 ? `, testers ${identity.testers.join(", ")}` : ""),
    "Switched off",
    ...indent(Object.entries(neutralised.off)),
    `  mail goes ${neutralised.mail ? `to ${neutralised.mail}` : "nowhere"}`,
    "Personal data replaced",
    ...indent(perTable(personal)),
    "Emptied, or new",
    ...indent([...perTable(emptied), ["ir_config_parameter (value)", parameters]]),
    "Removed",
    ...indent(removed.map(({ table, rows }) => [table, rows])),
    "Attachments",
    ...indent([
      ["with a placeholder's content", attachments.replaced],
      ["files removed", attachments.files],
      ["searchable texts emptied", attachments.indexed],
    ]),
    `Took ${Object.entries(seconds)
      .map(([part, time]) => `${part} ${time.toFixed(1)} s`)
      .join(", ")}`,
  ];
  return [...lines, ...notes(secured)].join("\n");
}

/** What somebody should look at. */
function notes({ neutralised, unknown }: Secured): string[] {
  const { withoutScript, notInImage } = neutralised;
  return [
    ...(withoutScript.length > 0
      ? [`Look at these modules of yours, which have no data/neutralize.sql: ${withoutScript.join(", ")}`]
      : []),
    ...(notInImage.length > 0
      ? [`Not in the image, so not neutralised by their own script: ${notInImage.join(", ")}`]
      : []),
    ...(unknown.length > 0 ? [`Named in the configuration, but not in the database: ${unknown.join(", ")}`] : []),
  ];
}

function perTable(all: readonly Obfuscated[]): [string, number][] {
  const tables = new Map<string, Obfuscated[]>();
  for (const one of all) tables.set(one.table, [...(tables.get(one.table) ?? []), one]);
  return [...tables].map(([table, columns]) => [
    `${table} (${columns.map(({ column }) => column).join(", ")})`,
    Math.max(...columns.map(({ rows }) => rows)),
  ]);
}

const indent = (entries: readonly (readonly [string, number])[]): string[] =>
  entries.filter(([, count]) => count > 0).map(([what, count]) => `  ${number(count).padStart(9)}  ${what}`);
