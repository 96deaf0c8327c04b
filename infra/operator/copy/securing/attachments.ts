import { chown, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { literal, psql } from "../../psql";
import type { Secured } from "../securedReport";
import { placeholders } from "./placeholders";
import { pauseTriggers, resumeTriggers, withoutTriggers } from "./triggers";

/** A file's name in a filestore: two digits of its SHA-1, then all of it. */
const fileName = /^[0-9a-f]{2}\/[0-9a-f]{40}$/;
/** So many files are removed at a time. */
const atOnce = 64;

/**
 * Attachments by rule: people's documents and pictures, and files that hold secrets (a certificate's key). Not the pictures of
 * the own companies, which are their logos.
 */
const isReplaced = (models: readonly string[]): string => `coalesce((res_model IN (${models.map(literal).join(", ")})
    OR res_model IN ('certificate.key', 'certificate.certificate') OR res_field ~ '(private_key|certificate|password|secret)')
  AND (store_fname <> '' OR db_datas <> '' OR type = 'cloud_storage')
  AND NOT (res_model = 'res.partner' AND res_field <> '' AND res_id IN (SELECT partner_id FROM res_company)), false)`;

/**
 * Gives attachments of some models a placeholder's content, removes files that nothing refers to any more, and empties what
 * Odoo has read from files for its search, but for pages' own parts. Safe to run again.
 * @param postgres The running postgres container.
 * @param database The database's name.
 * @param files The copied filestore.
 * @param models Models whose attachments are replaced.
 */
export async function replaceAttachments(
  postgres: string,
  database: string,
  files: string,
  models: readonly string[],
): Promise<Secured["attachments"]> {
  const replaced = isReplaced(models);
  // Files go first: were they removed after the rows had changed, a run that is interrupted between would leave them.
  const removed = await removeFiles(files, await unused(postgres, database, files, replaced));
  await writePlaceholders(files);
  const counts = await psql(postgres, database, updateSql(replaced), 3600);
  const [count = 0, indexed = 0] = counts.trim().split("|").map(Number);
  return { replaced: count, files: removed, indexed };
}

/** Name of a placeholder's file. */
const nameOf = ({ checksum }: (typeof placeholders)[number]): string => `${checksum.slice(0, 2)}/${checksum}`;

/** Files of replaced attachments alone, and those that Odoo has noted as to be removed some time. */
async function unused(postgres: string, database: string, files: string, replaced: string): Promise<string[]> {
  const noted = (await readdir(join(files, "checklist"), { recursive: true }).catch(() => [])).filter((name) =>
    fileName.test(name),
  );
  const sql = `SELECT store_fname FROM ir_attachment WHERE ${replaced} AND store_fname <> ''
    UNION SELECT unnest(ARRAY[${noted.map(literal).join(", ")}]::text[])
    EXCEPT SELECT store_fname FROM ir_attachment WHERE NOT ${replaced} AND store_fname <> ''`;
  const names = (await psql(postgres, database, sql, 3600)).split("\n").filter((name) => fileName.test(name));
  return names.filter((name) => !placeholders.some((one) => nameOf(one) === name));
}

async function removeFiles(folder: string, names: readonly string[]): Promise<number> {
  let removed = 0;
  for (let start = 0; start < names.length; start += atOnce) {
    const some = names.slice(start, start + atOnce).map(async (name) => {
      const path = join(folder, name);
      const is = await stat(path).catch(() => undefined);
      if (!is) return;
      await rm(path);
      removed += 1;
    });
    await Promise.all(some);
  }
  return removed;
}

/** Writes the placeholders as Odoo would have, for whom the files must be its own. */
async function writePlaceholders(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { uid, gid } = await stat(folder);
  for (const one of placeholders) {
    const file = join(folder, nameOf(one));
    const parent = dirname(file);
    await mkdir(parent, { recursive: true });
    await writeFile(file, one.content, { mode: 0o644 });
    await Promise.all([chown(parent, uid, gid), chown(file, uid, gid)]);
  }
}

function updateSql(replaced: string): string {
  const choose = (value: (one: (typeof placeholders)[number]) => string) =>
    `CASE ${placeholders.map((one) => `WHEN ${one.when} THEN ${value(one)}`).join(" ")} END`;
  const set: Readonly<Record<string, string>> = {
    store_fname: choose((one) => literal(nameOf(one))),
    checksum: choose(({ checksum }) => literal(checksum)),
    file_size: choose(({ content }) => String(content.length)),
    mimetype: choose(({ mimetype }) => literal(mimetype)),
    // A field's attachment has the field's name; others have that of a person's file.
    name: `CASE WHEN res_field <> '' THEN name ELSE 'attachment-' || id || '.' || ${choose(({ ending }) => literal(ending))} END`,
    db_datas: "NULL",
    url: "NULL",
    type: "'binary'",
    description: "NULL",
  };
  const columns = Object.entries(set).map(
    ([column, value]) => `${column} = CASE WHEN ${replaced} THEN ${value} ELSE ${column} END`,
  );
  const indexed = `(index_content <> '' AND coalesce(res_model, '') <> 'ir.ui.view' AND coalesce(url, '') NOT LIKE '/web/assets/%')`;
  return `
${withoutTriggers}
SET synchronous_commit = off;
BEGIN;
${pauseTriggers("ir_attachment")}
SELECT count(*) FILTER (WHERE ${replaced}), count(*) FILTER (WHERE ${indexed}) FROM ir_attachment;
UPDATE ir_attachment SET ${columns.join(",\n  ")}, index_content = CASE WHEN ${indexed} THEN NULL ELSE index_content END
  WHERE ${replaced} OR ${indexed};
${resumeTriggers}
COMMIT;
ANALYZE ir_attachment;`;
}
