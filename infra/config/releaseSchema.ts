import { z } from "zod";
import { duration, keyDocs, keyTypes, moduleName, oneOf, text, value, wholeNumber } from "./keys";

/** How an environment goes from one version to the next. */
export const releaseSchema = z.strictObject({
  image: text(/^[\w./-]+:[\w.-]+$/, "the tag of an image, such as odoo-stacks/odoo:19.0-1a2b3c4d5e6f", "image tag")
    .optional()
    .register(keyDocs, {
      about: "The version to run, by its tag: an earlier one to go back, or one that another environment has tried.",
      derived: "the image of the modules in `addons`",
      example: "odoo-stacks/odoo:19.0-1a2b3c4d5e6f",
    }),
  upgrade: z
    .union([z.enum(["auto", "none", "all"]), z.array(moduleName())], { error: "auto, none, all, or a list of modules" })
    .register(keyTypes, { type: "`auto`, `none`, `all` or a list of module names" })
    .default("auto")
    .register(keyDocs, {
      about:
        "Which modules a release upgrades: `auto` those whose content differs from what the database was last upgraded " +
        "with, `none`, `all`, or a list.",
    }),
  uninstall: z
    .array(moduleName(), { error: "a list of modules" })
    .default([])
    .register(keyDocs, {
      about: "Modules that a release removes from the database.",
      caution: "Odoo deletes a module's data with it.",
    }),
  maxHold: duration("1 second")
    .default("30 seconds")
    .register(keyDocs, {
      about:
        "The longest that requests are held while modules are upgraded; users see the maintenance page where it takes longer.",
    }),
  upgradeTimeout: duration("1 minute")
    .default("1 hour")
    .register(keyDocs, { about: "An upgrade of modules that takes longer is ended and undone." }),
  snapshot: oneOf(["auto", "reflink", "replica", "pitr", "rds"])
    .default("auto")
    .register(keyDocs, {
      about:
        "How the database is brought back when an upgrade fails: `reflink` is a copy that shares blocks (XFS, btrfs), " +
        "`replica` a second copy that follows until requests are held; `auto` takes the first that the file system allows. On RDS " +
        "people bring it back, and `auto` changes no modules: `pitr` is the moment before, `rds` a snapshot besides, which takes minutes.",
    }),
  rehearse: oneOf(["auto", "always", "never"])
    .default("auto")
    .register(keyDocs, {
      about:
        "Whether a change of modules is tried on a copy of the data first; one that fails there fails the release before " +
        "anything is touched. `auto`: in production, where files can share blocks (XFS, btrfs) and there is room for the copy.",
    }),
  watchMinutes: wholeNumber(0, 1440)
    .default(10)
    .register(keyDocs, {
      about:
        "For so many minutes after a release the new version's logs are watched; the history and `status` show errors that " +
        "turn up. 0 turns it off.",
    }),
  keepSets: wholeNumber(0, 100)
    .default(2)
    .register(keyDocs, {
      about:
        "Sets of database, filestore, configuration and modules from before a release that are kept. Where the file system " +
        "can't share blocks, each takes the size of the database.",
    }),
  requires: text(/^[\w.-]{1,100}$/, "the name of an environment's stack", "stack name")
    .optional()
    .register(keyDocs, {
      about: "An image is accepted only if this environment has run it, for at least `soak`.",
      derived: "none: every image is accepted",
      example: "staging",
    }),
  soak: duration("1 minute")
    .default("7 days")
    .register(keyDocs, { about: "How long the environment named in `requires` must have run an image." }),
  override: text(/^.{10,300}$/, "a reason of 10 to 300 characters", "reason")
    .optional()
    .register(keyDocs, {
      about: "Accepts an image in spite of `requires`, for this reason; the history keeps it. Take it out afterwards.",
      derived: "none",
      example: "Security fix, agreed with the customer on 3 May",
    }),
  allowLogLines: z
    .array(value<string>("regular expression", refuseRegExp), { error: "a list of regular expressions" })
    .default([])
    .register(keyDocs, {
      about: "Lines of the log, as regular expressions, that don't make a release fail.",
      example: '["wkhtmltopdf"]',
    }),
});

function refuseRegExp(input: unknown): { expected: string } | undefined {
  try {
    if (typeof input === "string") new RegExp(input);
    else return { expected: "a regular expression" };
  } catch {
    return { expected: "a regular expression that JavaScript can read" };
  }
  return undefined;
}

/** What restarts services without any change of them. */
export const restartSchema = z.strictObject({
  odoo: text(/^.{1,100}$/, "a text of 1 to 100 characters", "text")
    .optional()
    .register(keyDocs, {
      about: "A new value restarts Odoo's web and cron containers, with requests held meanwhile.",
      derived: "none",
      example: "2026-05-03",
    }),
  database: text(/^.{1,100}$/, "a text of 1 to 100 characters", "text")
    .optional()
    .register(keyDocs, {
      about: "A new value restarts PostgreSQL, with requests held meanwhile.",
      derived: "none",
      example: "2026-05-03",
    }),
});
