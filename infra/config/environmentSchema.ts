import { z } from "zod";
import { refuseOdooOption } from "../commands/odooConf";
import { refusePostgresSetting } from "../commands/postgresConf";
import { duration, flag, hostName, keyDocs, moduleName, oneOf, settings, size, text, wholeNumber } from "./keys";
import { logsSchema } from "./platformSchema";
import { releaseSchema, restartSchema } from "./releaseSchema";

/** What an environment is for; it decides its share of the machine. */
export const stages = ["production", "staging", "development"] as const;

/** What an environment is for. */
export type Stage = (typeof stages)[number];

const volumeCaution = "A change would leave the data behind in the old volume and is refused.";
const volume = () => text(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/, "a name of a Docker volume", "volume name");

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

const limitsSchema = z.strictObject({
  memorySoft: size("256 MB")
    .default("2 GB")
    .register(keyDocs, {
      about: "Virtual memory at which a worker is replaced after its request (`limit_memory_soft`).",
    }),
  memoryHard: size("256 MB")
    .default("2.5 GB")
    .register(keyDocs, {
      about: "Virtual memory at which an allocation fails (`limit_memory_hard`); more than `memorySoft`.",
    }),
  timeCpu: duration("1 second")
    .default("60 seconds")
    .register(keyDocs, { about: "Processor time a request may take (`limit_time_cpu`)." }),
  timeReal: duration("1 second")
    .default("120 seconds")
    .register(keyDocs, {
      about: "Time a request may take (`limit_time_real`); less than the platform's `proxy.responseTimeout`.",
    }),
  timeRealCron: duration("1 second")
    .default("15 minutes")
    .register(keyDocs, { about: "Time one run of a scheduled action may take (`limit_time_real_cron`)." }),
  requests: wholeNumber(1, 10_000_000)
    .default(65_536)
    .register(keyDocs, { about: "Requests after which a worker is replaced (`limit_request`)." }),
});

const odooMemorySchema = z.strictObject({
  web: size("256 MB")
    .optional()
    .register(keyDocs, {
      about: "Memory limit of the web container: workers and websockets.",
      derived: "from the environment's share",
      example: "4 GB",
    }),
  cron: size("192 MB")
    .optional()
    .register(keyDocs, {
      about: "Memory limit of the container that runs scheduled actions.",
      derived: "from the environment's share",
      example: "1 GB",
    }),
});

const odooSchema = z.strictObject({
  version: oneOf(["19.0"]).default("19.0").register(keyDocs, { about: "Odoo's version." }),
  workers: wholeNumber(1, 256)
    .optional()
    .register(keyDocs, {
      about: "Processes that answer requests, about 6 users each. With `cronThreads` at most 2 × cores + 1.",
      derived: "from the environment's share, at least 2",
      example: "4",
    }),
  cronThreads: wholeNumber(1, 32)
    .optional()
    .register(keyDocs, {
      about: "Scheduled actions that may run at the same time.",
      derived: "2, or 1 where the share has fewer than 5 processes",
      example: "2",
    }),
  dbMaxconn: wholeNumber(4, 256)
    .optional()
    .register(keyDocs, {
      about: "Database connections that one process may open (`db_maxconn`).",
      derived: "from what PostgreSQL's memory holds, 4 to 8",
      example: "8",
    }),
  limits: limitsSchema.prefault({}),
  memory: odooMemorySchema.prefault({}),
  logLevel: oneOf(["debug", "info", "warn", "error", "critical"])
    .default("info")
    .register(keyDocs, { about: "The least important kind of line written to the log (`log_level`)." }),
  stopGrace: duration("1 second")
    .default("2 minutes")
    .register(keyDocs, {
      about: "Time that requests and scheduled actions under way have to end when a container stops.",
    }),
  options: settings(refuseOdooOption)
    .default({})
    .register(keyDocs, {
      about: "Further options of `odoo.conf`. Those that this project sets and those that carry secrets are refused.",
      example: '{ "transient_age_limit": 2 }',
    }),
});

const databaseSchema = z.strictObject({
  name: text(
    /^(?!postgres$|template[01]$)[a-z][a-z0-9_-]{1,62}$/,
    "a database name of small letters, digits, _ and -",
    "name",
  )
    .default("odoo")
    .register(keyDocs, {
      about: "Name of Odoo's database.",
      caution: "A change would start with an empty database and is refused.",
    }),
  memory: size("192 MB")
    .optional()
    .register(keyDocs, {
      about: "Memory limit of the PostgreSQL container; its buffers are derived from it.",
      derived: "from the environment's share",
      example: "4 GB",
    }),
  maxConnections: wholeNumber(20, 10_000)
    .optional()
    .register(keyDocs, {
      about: "Connections that PostgreSQL accepts (`max_connections`).",
      derived: "what all Odoo processes may open while a release runs old and new beside each other",
      example: "200",
    }),
  settings: settings(refusePostgresSetting)
    .default({})
    .register(keyDocs, {
      about:
        "Further settings of `postgresql.conf`, which win over the derived ones. Those that data or access hang on are refused.",
      example: '{ "log_min_duration_statement": "250ms" }',
    }),
  volume: volume()
    .optional()
    .register(keyDocs, {
      about: "Docker volume with the cluster's files.",
      derived: "named after the stack",
      caution: volumeCaution,
    }),
  stopGrace: duration("10 seconds")
    .default("2 minutes")
    .register(keyDocs, { about: "Time that PostgreSQL has to write everything down when it stops." }),
});

const filestoreSchema = z.strictObject({
  volume: volume()
    .optional()
    .register(keyDocs, {
      about: "Docker volume with attachments and sessions.",
      derived: "named after the stack",
      caution: volumeCaution,
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
  release: releaseSchema.prefault({}),
  restart: restartSchema.prefault({}),
  logs: logsSchema.prefault({}),
});
