import { z } from "zod";
import { refusePostgresSetting } from "../commands/postgresConf";
import { duration, flag, keyDocs, oneOf, settings, size, text, value, wholeNumber } from "./keys";

/** What is said of the keys that name volumes. */
export const volumeCaution = "A change would leave the data behind in the old volume and is refused.";
/** A name of a Docker volume. */
export const volume = () => text(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/, "a name of a Docker volume", "volume name");

/** Where an environment's PostgreSQL runs. */
export const databaseKinds = ["container", "rds"] as const;

/** An instance class; which there are: infra/config/aws/rdsClasses.ts. */
const instanceClass = () =>
  text(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "an instance class such as db.t4g.medium", "instance class");

/** An AWS account. YAML takes digits without quotes for a number, which has no zeros in front. */
const account = () =>
  value<string>("account", (input) => {
    if (typeof input === "string" && /^\d{12}$/.test(input)) return undefined;
    const unquoted = typeof input === "number";
    return { expected: "an AWS account: 12 digits", hint: unquoted ? `Write "${input}", with quotes.` : undefined };
  });

const rdsSchema = z.strictObject({
  identifier: text(
    /^[a-z](-?[a-z0-9]){0,62}$/,
    "small letters, digits and single hyphens, a letter first",
    "identifier",
  )
    .optional()
    .register(keyDocs, {
      about: "Name of the instance, one of its own in the account and region; part of its address.",
      derived: "the stack's name, with hyphens for what RDS does not take",
      example: "acme-prod",
      caution: "A change is refused: Odoo would lose the instance.",
    }),
  class: instanceClass().register(keyDocs, {
    about: "Instance class. A change starts the instance again, in its maintenance window.",
    example: "db.t4g.medium",
  }),
  storage: size("20 GB")
    .optional()
    .register(keyDocs, {
      about: "Storage that it begins with, in whole GB; of a copy, no less than its snapshot.",
      derived: "20 GB; of a copy, as much as its snapshot",
      example: "100 GB",
      caution: "Storage can grow, and never shrinks: less changes nothing.",
    }),
  maxStorage: size("22 GB")
    .optional()
    .register(keyDocs, {
      about: "Up to where storage grows by itself when less than a tenth of it is free.",
      derived: "four times `database.rds.storage`; of a copy without that, storage does not grow",
      example: "200 GB",
    }),
  multiAz: flag()
    .optional()
    .register(keyDocs, {
      about: "Whether a standby in another zone takes over within one to two minutes. It doubles the price.",
      derived: "true in production",
    }),
  retention: wholeNumber(1, 35)
    .default(14)
    .register(keyDocs, { about: "Days that the database can be taken back to, to the second." }),
  backupWindow: text(/^\d\d:\d\d-\d\d:\d\d$/, "a time of the day such as 02:00-03:00", "window")
    .default("02:00-03:00")
    .register(keyDocs, { about: "When the daily snapshot begins, in UTC." }),
  maintenanceWindow: text(
    /^[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d$/,
    "a time of the week such as sun:03:30-sun:04:30",
    "window",
  )
    .default("sun:03:30-sun:04:30")
    .register(keyDocs, { about: "When AWS may start it again, in UTC." }),
  masterPassword: oneOf(["rds", "stack"])
    .default("rds")
    .register(keyDocs, {
      about:
        "Who keeps the master user's password: `rds` in Secrets Manager, where it is renewed every week, or the `stack`, as a " +
        "secret in its state, which replicas and blue/green deployments need.",
    }),
  logicalReplication: flag()
    .default(false)
    .register(keyDocs, { about: "Whether changes can be followed one by one, which blue/green deployments need." }),
  sharing: z
    .array(account(), { error: "a list of AWS accounts" })
    .default([])
    .register(keyDocs, {
      about:
        "Other AWS accounts whose environments may be made from snapshots of this database: they may use the key that it is encrypted " +
        "with.",
      example: '["222222222222"]',
      caution:
        "Who administers such an account can have all data of every snapshot that is shared with it, before anything is secured.",
    }),
  replica: z
    .strictObject({
      class: instanceClass()
        .optional()
        .register(keyDocs, {
          about:
            "Instance class of a replica, which follows and can be read from; `replica: {}` makes one too. It costs as much as an " +
            "instance in one zone, and needs `database.rds.masterPassword: stack`.",
          derived: "`database.rds.class`, where there is `replica`",
          example: "db.t4g.medium",
        }),
    })
    .optional(),
});

/** An environment's PostgreSQL. */
export const databaseSchema = z.strictObject({
  kind: oneOf(databaseKinds)
    .default("container")
    .register(keyDocs, {
      about: "Where PostgreSQL runs: in a `container` on a machine of the platform, or on Amazon `rds` (target `aws`).",
      caution: "An environment that has data stays where it is: nothing moves it from the one to the other.",
    }),
  rds: rdsSchema.optional(),
  name: text(
    /^(?!postgres$|template[01]$)[a-z][a-z0-9_-]{1,62}$/,
    "a database name of small letters, digits, _ and -",
    "name",
  )
    .default("odoo")
    .register(keyDocs, {
      about: "Name of Odoo's database; a copy's on RDS has a hyphen and six characters more.",
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
