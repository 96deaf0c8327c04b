import { exec } from "../commands/docker";
import { odooPaths } from "../commands/odooConf";
import { run } from "../core/exec";
import type { Checksums, DatabaseModules, ImageModule, ImageModules, InstalledModule } from "./modules";
import { literal, psql } from "./psql";

/** The parameter in the database under which checksums are kept; `jobs/first_database.py` sets it too. */
const parameter = "odoo_stacks.module_checksums";

/** Where an image has its checksums; `infra/images/odoo/checksums.py` makes it. */
export const imageFile = "/opt/odoo/checksums.json";

const readSql = `SELECT json_build_object(
  'installed', (SELECT coalesce(json_object_agg(name, json_build_object('version', coalesce(latest_version, ''), 'state', state,
      -- A column of base_import_module, which need not be installed.
      'imported', coalesce((to_jsonb(module) ->> 'imported')::boolean, false) OR name = 'studio_customization')), '{}')
    FROM ir_module_module module WHERE state IN ('installed', 'to install', 'to upgrade', 'to remove')),
  'stored', (SELECT value FROM ir_config_parameter WHERE key = ${literal(parameter)}),
  'languages', (SELECT coalesce(json_agg(DISTINCT substring(code FROM '^[a-z]+')), '[]') FROM res_lang
    WHERE active AND code <> 'en_US'))`;

/**
 * Reads which modules a database has. Takes about 0.1 s, and no Odoo.
 * @param postgres The running postgres container.
 * @param database The database's name.
 */
export async function readModules(postgres: string, database: string): Promise<DatabaseModules> {
  const read = JSON.parse(await psql(postgres, database, readSql)) as {
    installed: Record<string, InstalledModule>;
    stored: string | null;
    languages: string[];
  };
  const stored = read.stored === null ? undefined : parseStored(read.stored);
  return { installed: new Map(Object.entries(read.installed)), stored, languages: read.languages };
}

/** What an administrator may have written over: then it is as if nothing had been kept. */
function parseStored(text: string): ReadonlyMap<string, Checksums> | undefined {
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, Checksums>));
  } catch {
    return undefined;
  }
}

/**
 * Keeps checksums in a database, for the next release.
 * @param postgres The running postgres container.
 * @param database The database's name.
 * @param checksums What `checksumsAfter` says.
 */
export async function storeChecksums(
  postgres: string,
  database: string,
  checksums: ReadonlyMap<string, Checksums>,
): Promise<void> {
  const value = literal(JSON.stringify(Object.fromEntries([...checksums].sort(([a], [b]) => (a < b ? -1 : 1)))));
  await psql(
    postgres,
    database,
    `INSERT INTO ir_config_parameter AS known (key, value, create_uid, create_date, write_uid, write_date)
     VALUES (${literal(parameter)}, ${value}, 1, now(), 1, now())
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, write_date = excluded.write_date
     WHERE known.value <> excluded.value`,
  );
}

/**
 * Reads which modules an image has, in a container of it that runs.
 * @param container A running Odoo container.
 */
export async function readImageModules(container: string): Promise<ImageModules> {
  const text = await run(exec(container, ["cat", imageFile]), { timeoutSeconds: 60 });
  return new Map(Object.entries(JSON.parse(text) as Record<string, ImageModule>));
}

/**
 * Reads the configuration of a running Odoo container, which jobs get on their standard input. It holds passwords.
 * @param container A running Odoo container.
 */
export const readOdooConf = (container: string): Promise<string> =>
  run(exec(container, ["cat", "/etc/odoo/odoo.conf"]), { timeoutSeconds: 60 });

/** Reads what a running Odoo container checks its database's server against, for jobs. */
export const readTrust = (container: string): Promise<string> =>
  run(exec(container, ["cat", odooPaths.trust]), { timeoutSeconds: 60 });
