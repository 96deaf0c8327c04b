import type { Report } from "../../core/report";
import type { ModuleChanges } from "../plan";
import { attachmentModels } from "./fields";
import { bringModules } from "./modules";
import type { CopyPlan } from "./plan";
import { neutralise, secure } from "./secure";
import type { Secured } from "./securedReport";

/** The first page of a copy, on a busy machine, in seconds. */
const pageSeconds = 300;

/** The server of a copy that is being made; nobody but the operator's jobs connects to it. */
export interface CopyHost {
  /** The container that psql works in. */
  readonly container: string;
  /** Name of the network that jobs join. */
  readonly network: string;
  /** An odoo.conf that leads to the copy; a secret. */
  readonly odooConf: string;
  /** Where the Engine has the folder that is Odoo's data folder on the copy. */
  readonly files: string;
  /** Certificates that the server is checked against, as PEM. @default its certificate is not checked */
  readonly trust?: string;
  /** Runs a program of `infra/commands/jobs` in the Odoo image on the copy, and returns what it printed. */
  runOdoo(program: string, input: object, report: Report): Promise<string>;
}

/** Carries out a part of the work, and notes how long it took. */
export type Time = <T>(step: string, action: () => Promise<T>) => Promise<T>;

/**
 * Makes a copy one that can be switched to: secured, with the modules of the version that is to run, and with a page.
 * @param files The copied filestore as this process sees it: `…/filestore/<database>`.
 */
export async function makeReady(
  plan: Omit<CopyPlan, "snapshot" | "method">,
  server: CopyHost,
  files: string,
  { time, report }: { readonly time: Time; readonly report: Report },
): Promise<{ readonly secured: Secured; readonly modules: ModuleChanges }> {
  const place = {
    ...{ postgres: server.container, files },
    runOdoo: (program: string, input: object) => server.runOdoo(program, input, report),
  };
  const { obfuscate } = plan.secure;
  const attachments = obfuscate.attachments ?? attachmentModels;
  const wishes = { ...plan.secure, database: plan.database, obfuscate: { ...obfuscate, attachments } };
  const secured = await time("secure", () => secure(place, wishes, report));
  const modules = await time("modules", async () => {
    const changes = await bringModules(plan, server, report);
    // What an upgrade brings or switches on again.
    if (changes.install.length + changes.upgrade.length > 0) await neutralise(place, wishes);
    return changes;
  });
  await time("page", () => server.runOdoo("open_copy", { withinSeconds: pageSeconds }, report));
  return { secured, modules };
}
