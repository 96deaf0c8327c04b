import { keysOf, type Key } from "./keyTree";
import { schemas, type Kind } from "./schema";

const introductions: Readonly<Record<Kind, string>> = {
  platform: "A platform is the machine that environments are placed on, its network and its proxy. One per machine.",
  environment: "An environment is one Odoo with its database and its files, placed on a platform.",
};

const examples: Readonly<Record<Kind, string>> = {
  platform: "Pulumi.local-platform.yaml",
  environment: "Pulumi.local-prod.yaml",
};

/** The documentation of every configuration key, as Markdown: what `docs/configuration.md` must be. */
export function renderConfigDocs(): string {
  const kinds = Object.keys(schemas) as Kind[];
  return [
    "<!-- Written by infra/config/writeDocs.ts from the schema in infra/config/; changes made here are lost. -->",
    "",
    "# Configuration",
    "",
    "A stack's configuration is in `stacks/Pulumi.<stack>.yaml`. Every key below stands there as `odoo-stacks:<key>`; a key",
    "with a dot is nested, so `odoo.limits.timeReal` is `timeReal` under `limits` under `odoo-stacks:odoo`. All mistakes are",
    "reported at once, before anything changes.",
    "",
    '- A **size** is a number, a space and `B`, `KB`, `MB`, `GB` or `TB`, each 1,024 times the one before: `"1.5 GB"`.',
    '- A **duration** is a number, a space and `seconds`, `minutes`, `hours` or `days`: `"90 seconds"`.',
    "- A default in *italics* is derived when the stack is deployed. A key without a default is **required**.",
    "",
    "How figures are derived: the machine, less what is reserved for the system, is shared out by percent among production,",
    "staging and development. Odoo's deployment guide gives the processes (cores × 2 + 1 at most for the whole machine, the",
    "environment's share of these, two workers at least) and the memory of each (325 MB on average); PostgreSQL gets a third",
    "of the rest, and all connections that Odoo may open. Figures that do not fit are refused.",
    ...kinds.flatMap((kind) => ["", ...section(kind)]),
    "",
  ].join("\n");
}

function section(kind: Kind): string[] {
  return [
    `## Kind \`${kind}\``,
    "",
    `${introductions[kind]} Example: [\`stacks/${examples[kind]}\`](../stacks/${examples[kind]}).`,
    "",
    "| Key | Type | Default | Meaning |",
    "| --- | --- | --- | --- |",
    ...keysOf(schemas[kind]).map(row),
  ];
}

function row(key: Key): string {
  const { about, caution, example } = key.doc;
  const meaning = [
    about,
    ...(caution ? [`**Caution:** ${caution}`] : []),
    ...(example ? [`Example: \`${example}\`.`] : []),
  ];
  return `| \`${key.path}\` | ${cell(key.type)} | ${cell(fallback(key))} | ${cell(meaning.join(" "))} |`;
}

function fallback(key: Key): string {
  if (key.required) return key.optionalGroup ? `**required** in \`${key.optionalGroup}\`` : "**required**";
  return key.fallback === undefined ? `*${key.doc.derived ?? "none"}*` : `\`${JSON.stringify(key.fallback)}\``;
}

/** A text that does not end its cell of the table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
