import { z } from "zod";
import { devFeatures, refuseOdooOption } from "../commands/odooConf";
import { cores, duration, keyDocs, keyTypes, oneOf, settings, size, wholeNumber } from "./keys";

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

/** What an environment's Odoo runs with. */
export const odooSchema = z.strictObject({
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
  dev: z
    .array(oneOf(devFeatures).register(keyTypes, { type: "developer feature" }), { error: "a list of features" })
    .default([])
    .register(keyDocs, {
      about:
        `Developer features, in development: ${devFeatures.map((word) => `\`${word}\``).join(", ")} (\`--dev\`). ` +
        "`reload` restarts Odoo when a Python file changes, `xml` reads views from files.",
      caution: "With `werkzeug`, whoever opens a page that fails can run code.",
      example: '["reload", "xml"]',
    }),
  webCpus: cores()
    .optional()
    .register(keyDocs, {
      about: "Processor cores that each web container may use at most, also a part of one.",
      derived: "all of the machine's",
      example: "1.5",
    }),
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
