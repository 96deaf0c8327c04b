import { z } from "zod";
import { obfuscationKinds, tableColumn, type ObfuscationKind } from "../commands/obfuscation";
import type { Refusal } from "../commands/settings";
import { nearest } from "../core/nearest";
import { keyDocs, oneOf, text, value, wholeNumber } from "./keys";

/** How the database of another environment is copied. */
export const copyMethods = ["auto", "reflink", "copy", "basebackup"] as const;

/** A copy that was kept: `20261123-191500-1a2b3c`, time and a random part. */
const snapshotId = /^\d{8}-\d{6}-[0-9a-f]{6}$/;

/** A moment with its time zone, as ISO 8601 has it. */
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;

function refuseSnapshot(input: unknown): Refusal | undefined {
  const known = typeof input === "string" && (input === "latest" || input === "automated" || snapshotId.test(input));
  if (known || (typeof input === "string" && moment.test(input) && !Number.isNaN(Date.parse(input)))) return undefined;
  return {
    expected: "latest, automated, a snapshot's ID, or a time with its zone",
    hint: 'Write a time as "2026-11-23T19:15:00Z", with quotes.',
  };
}

/** A text that starts the copy anew whenever it is another one. */
function refuseRefresh(input: unknown): Refusal | undefined {
  if (typeof input === "string" && /^.{1,100}$/.test(input)) return undefined;
  const unquoted = typeof input === "number" || typeof input === "boolean";
  return { expected: "a text of 1 to 100 characters", hint: unquoted ? `Write "${input}", with quotes.` : undefined };
}

/** Fields with what replaces their content: `{ "res_partner.x_passport": "text" }`. */
function refuseFields(input: unknown): Refusal | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { expected: "fields such as res_partner.comment, each with a kind" };
  }
  for (const [field, kind] of Object.entries(input)) {
    if (!tableColumn.test(field))
      return { expected: `a table and a column such as res_partner.comment for "${field}"` };
    if (obfuscationKinds.some((known) => known === kind)) continue;
    const meant = typeof kind === "string" ? nearest(kind, obfuscationKinds) : undefined;
    return {
      expected: `one of ${obfuscationKinds.join(", ")} for ${field}`,
      hint: meant && `Did you mean "${meant}"?`,
    };
  }
  return undefined;
}

const obfuscateSchema = z.strictObject({
  add: value<Readonly<Record<string, ObfuscationKind>>>("fields, each with a kind", refuseFields)
    .default({})
    .register(keyDocs, {
      about:
        "Further fields with personal data, as `table.column`, and what replaces their content: " +
        `${obfuscationKinds.map((kind) => `\`${kind}\``).join(", ")}.`,
      example: '{ "res_partner.x_passport": "text" }',
    }),
  keep: z
    .array(text(tableColumn, "a table and a column such as res_partner.comment", "field"), {
      error: "a list of fields",
    })
    .default([])
    .register(keyDocs, {
      about: "Fields, as `table.column`, that are replaced by default and keep their content here.",
      caution: "The copy then has what these fields hold in the source.",
      example: '["res_partner.website"]',
    }),
  attachments: z
    .array(text(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/, "a model such as hr.employee", "model"), {
      error: "a list of models",
    })
    .optional()
    .register(keyDocs, {
      about: "Models whose attachments are replaced in the copy, instead of those by default.",
      derived: "those of people, and what was sent and received",
      example: '["hr.employee", "mail.message"]',
    }),
});

/** An environment that is made from another one: a copy of its data, secured before anything can connect to it. */
export const restoreSchema = z.strictObject({
  source: text(/^[\w.-]{1,100}$/, "the name of an environment's stack", "stack name").register(keyDocs, {
    about: "The environment whose data is copied and secured. Never into production.",
    example: "prod",
  }),
  snapshot: value<string>("`latest`, `automated`, snapshot ID or time", refuseSnapshot)
    .default("latest")
    .register(keyDocs, {
      about:
        "What is copied: the source as it is now (`latest`), a snapshot of it that was kept, or the last one before a time; on RDS " +
        "a snapshot that is made now (`latest`), or the latest of the daily ones (`automated`).",
      example: "2026-11-23T19:15:00Z",
    }),
  refresh: value<string>("text", refuseRefresh)
    .optional()
    .register(keyDocs, {
      about: "A new value makes the copy anew.",
      derived: "none",
      caution: "What was changed in this environment since the last copy is lost.",
      example: "2026-05-03",
    }),
  method: oneOf(copyMethods)
    .default("auto")
    .register(keyDocs, {
      about:
        "How the database is copied: `reflink` shares blocks (XFS, btrfs), `copy` copies files, `basebackup` asks " +
        "PostgreSQL for them; `auto` takes the first that is possible.",
    }),
  testers: z
    .array(text(/^[^\s"'\\]{1,200}$/, "a login", "login"), { error: "a list of logins" })
    .default([])
    .register(keyDocs, {
      about: "Logins of users who keep password, name and address, to work in the copy.",
      caution: "Whoever knows their passwords in the source can open the copy.",
      example: '["anna@example.com"]',
    }),
  keepFormer: wholeNumber(0, 10)
    .default(0)
    .register(keyDocs, { about: "Former copies that are kept when a new one takes their place." }),
  obfuscate: obfuscateSchema.prefault({}),
});
