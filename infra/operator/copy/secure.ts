import type { Report } from "../../core/report";
import { psql } from "../psql";
import type { ObfuscationKind } from "./obfuscateSql";
import { parametersSql } from "./secrets";
import type { Secured } from "./securedReport";
import { replaceAttachments } from "./securing/attachments";
import { readKept, setAdministrator, signalSql } from "./securing/identity";
import { neutralise } from "./securing/neutralise";
import { obfuscate } from "./securing/obfuscate";
import { forgetSql, removeRows } from "./securing/remove";
import { readSchema, statementSeconds } from "./securing/schema";
import { findTargets } from "./securing/targets";

export { neutralise };

/** How a copy of an Odoo database is secured. */
export interface SecurePlan {
  /** Name of the Odoo database. */
  readonly database: string;
  /** The copy's own address: `https://staging.example.com`. */
  readonly baseUrl: string;
  /** Set on Odoo's administrator, base.user_admin. */
  readonly admin: {
    readonly login: string;
    /** @default a replacement like everyone's */
    readonly email?: string;
    /** As Odoo keeps it: `$pbkdf2-sha512$…`. */
    readonly passwordHash: string;
  };
  /** Logins of users that keep login, password, name and e-mail address. */
  readonly testers: readonly string[];
  readonly obfuscate: {
    /** `table.column` → kind; goes before the built-in list of `fields.ts`. */
    readonly add: Readonly<Record<string, ObfuscationKind>>;
    /** `table.column` to leave alone. */
    readonly keep: readonly string[];
    /** Models whose attachments are replaced; `attachmentModels` of `fields.ts` is the list to begin with. */
    readonly attachments: readonly string[];
  };
  /** Where mail goes, without encryption or login. @default nowhere */
  readonly mail?: { readonly host: string; readonly port: number };
}

/** Where a copy is. */
export interface CopyPlace {
  /** ID of the postgres container. */
  readonly postgres: string;
  /**
   * Runs a program of `infra/commands/jobs` in the Odoo image, on the copy, and returns what it prints.
   * @param program Its name, without its ending.
   * @param input Passed as JSON on standard input, with Odoo's configuration added as `odooConf`.
   */
  runOdoo(program: string, input: object): Promise<string>;
  /** The copied filestore as this process sees it: `…/filestore/<database>`. */
  readonly files: string;
}

/**
 * Secures a copy of an Odoo database before anybody may connect: nothing reaches other systems, secrets are gone, personal data
 * is replaced. May be run again, also on a copy where it was cut off; there large tables may be without some indexes.
 * Sessions need no thought: a copy has none.
 * @param place The copy; nobody else is connected to it.
 * @param plan What it becomes.
 * @param report Receives progress.
 * @returns what was done; `describeSecured` says it to people.
 * @throws when any of it fails. Then the copy must not be used.
 */
export async function secure(place: CopyPlace, plan: SecurePlan, report: Report): Promise<Secured> {
  const { postgres } = place;
  const { database } = plan;
  const seconds: Record<string, number> = {};
  const time = async <T>(part: string, line: string, work: () => Promise<T>): Promise<T> => {
    report(line);
    const start = performance.now();
    const result = await work();
    seconds[part] = (performance.now() - start) / 1000;
    return result;
  };

  const neutralised = await time("neutralise", "Switching off what reaches other systems.", () =>
    neutralise(place, plan),
  );
  const kept = await readKept(postgres, plan);
  const schema = await readSchema(postgres, database);
  const { tables, unknown } = findTargets(schema, plan.obfuscate, plan.testers);
  const { removed, parameters } = await time("secrets", "Removing secrets.", async () => ({
    removed: await removeRows(postgres, database, schema),
    parameters: Number(await psql(postgres, database, parametersSql(plan.baseUrl), statementSeconds)),
  }));
  const obfuscated = await time("personal data", "Replacing personal data.", () =>
    obfuscate(postgres, database, schema, tables, kept, report),
  );
  const attachments = await time("attachments", "Replacing attachments.", () =>
    replaceAttachments(postgres, database, place.files, plan.obfuscate.attachments),
  );
  await time("identity", "Setting the administrator.", async () => {
    await setAdministrator(postgres, plan);
    await psql(
      postgres,
      database,
      `${forgetSql(
        schema,
        removed.map(({ table }) => table),
      )}\n${signalSql(schema)}`,
      statementSeconds,
    );
  });
  const missing = plan.testers.filter(
    (login) => !kept.testers.some((found) => found.toLowerCase() === login.toLowerCase()),
  );
  return {
    ...{ at: new Date().toISOString(), neutralised, obfuscated, removed, parameters, attachments, seconds },
    identity: { baseUrl: plan.baseUrl, admin: plan.admin.login, testers: kept.testers },
    unknown: [...unknown, ...missing],
  };
}
