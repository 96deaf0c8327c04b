import { z } from "zod";
import { databaseSchema, volume, volumeCaution } from "./databaseSchema";
import { duration, flag, hostName, keyDocs, moduleName, oneOf, text, wholeNumber } from "./keys";
import { mailSchema } from "./mailSchema";
import { odooSchema } from "./odooSchema";
import { logsSchema } from "./platformSchema";
import { releaseSchema, restartSchema } from "./releaseSchema";
import { restoreSchema } from "./restoreSchema";

/** What an environment is for; it decides its share of the machine. */
export const stages = ["production", "staging", "development"] as const;

/** What an environment is for. */
export type Stage = (typeof stages)[number];

const tlsSchema = z.strictObject({
  enabled: flag()
    .optional()
    .register(keyDocs, {
      about: "Whether the proxy gets certificates from Let's Encrypt and sends HTTP on to HTTPS.",
      derived: "true when the domains are public ones",
    }),
  staging: flag()
    .default(false)
    .register(keyDocs, {
      about:
        "Takes certificates from Let's Encrypt's staging service, which browsers don't trust but which has no limits.",
    }),
});

const filestoreSchema = z.strictObject({
  volume: volume()
    .optional()
    .register(keyDocs, {
      about: "Docker volume with attachments and sessions.",
      derived: "named after the stack",
      caution: volumeCaution,
    }),
  path: text(/^\/(?!.*(^|\/)\.\.(\/|$))[\w./-]{1,254}$/, "an absolute path", "path")
    .optional()
    .register(keyDocs, {
      about:
        "Folder for attachments and sessions that all machines with this Odoo have in common, such as a mounted NFS. Several " +
        "web machines of target `servers` need it. It must be there, and belong to this environment alone.",
      derived: "none: a volume of the machine",
      example: "/mnt/odoo/prod",
    }),
});

const adminSchema = z.strictObject({
  login: text(/^[\w.+-]+(@[\w.-]+)?$/, "a login of letters, digits and . _ + - @", "login")
    .default("admin")
    .register(keyDocs, { about: "Login of the first user, set when the database is created." }),
  email: text(/^[^\s@<>"']+@[^\s@<>"']+$/, "an e-mail address", "e-mail address")
    .optional()
    .register(keyDocs, { about: "Address of the first user.", derived: "none", example: "admin@example.com" }),
});

/** A stack of kind `environment`: one Odoo with its database and its files. */
export const environmentSchema = z.strictObject({
  kind: oneOf(["environment"]).register(keyDocs, {
    about: "What the stack declares: one Odoo with its database and files.",
  }),
  platform: text(/^[\w.-]{1,100}(\/[\w.-]{1,100}){0,2}$/, "the name of a platform's stack", "stack name").register(
    keyDocs,
    { about: "Stack of the platform that the environment is placed on.", example: "local-platform" },
  ),
  stage: oneOf(stages).register(keyDocs, {
    about: "What the environment is for; it decides its share of the machine.",
  }),
  share: wholeNumber(1, 100)
    .optional()
    .register(keyDocs, {
      about: "Percent of the machine that this environment may use, where it is not the only one of its stage.",
      derived: "the platform's `shares` for the stage",
      example: "10",
    }),
  domains: z
    .array(hostName(), { error: "a list of host names" })
    .min(1, { error: "at least one host name" })
    .register(keyDocs, {
      about: "Host names that lead to this Odoo, the main one first. Names that end in `.localhost` work without DNS.",
      example: '["odoo.example.com"]',
    }),
  tls: tlsSchema.prefault({}),
  odoo: odooSchema.prefault({}),
  database: databaseSchema.prefault({}),
  filestore: filestoreSchema.prefault({}),
  modules: z
    .array(moduleName(), { error: "a list of modules" })
    .default([])
    .register(keyDocs, { about: "Modules installed when the database is created.", example: '["sale_management"]' }),
  addons: text(
    /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./ -]{1,255}$/,
    "a folder inside the project, as a relative path",
    "path",
  )
    .default("addons")
    .register(keyDocs, { about: "Folder with your own modules, part of the image." }),
  mount: text(/^[\w./ -]{1,255}$/, "the path of a folder, absolute or relative to the project", "path")
    .optional()
    .register(keyDocs, {
      about:
        "Folder on this machine that Odoo's containers see in place of the image's modules, read-only. In development, on a " +
        "platform of target `local`. Most often the folder of `addons`: a release installs what the image has.",
      derived: "none: the image's modules",
      example: "addons",
    }),
  language: text(
    /^[a-z]{2,3}(_([A-Z]{2}|\d{3}))?(@[A-Za-z]+)?$/,
    "a language code such as en_US or fr_BE",
    "language code",
  )
    .default("en_US")
    .register(keyDocs, {
      about: "Language of the first user and of new partners, loaded when the database is created.",
    }),
  country: text(/^[A-Z]{2}$/, "an ISO 3166 country code of two capitals such as BE", "country code")
    .optional()
    .register(keyDocs, {
      about: "Country of the first company, set when the database is created.",
      derived: "none",
      example: "BE",
    }),
  demo: flag().default(false).register(keyDocs, { about: "Whether the database is created with demonstration data." }),
  admin: adminSchema.prefault({}),
  protectData: flag()
    .default(true)
    .register(keyDocs, {
      about: "Whether Pulumi refuses to delete the volumes with the database and the files.",
      caution: "With `false`, `pulumi destroy` deletes the database.",
    }),
  restore: restoreSchema.optional(),
  mail: mailSchema.prefault({}),
  expiresAfter: duration("1 hour")
    .optional()
    .register(keyDocs, {
      about:
        "Age at which `odoo-stacks clean-up` offers to remove this environment with its data, counted from its first database or " +
        "its last copy. In development.",
      derived: "never",
      example: "14 days",
    }),
  release: releaseSchema.prefault({}),
  restart: restartSchema.prefault({}),
  logs: logsSchema.prefault({}),
});
