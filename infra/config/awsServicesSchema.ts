import { z } from "zod";
import { isZoneId } from "./awsDomains";
import { type LogDays, logDays } from "./awsLogDays";
import { duration, flag, isHostName, keyDocs, keyTypes, oneOf, text, value, wholeNumber } from "./keys";

/** A domain with a dot in it, or every name at a place. */
const domain = () =>
  value<string>("domain", (input) =>
    typeof input === "string" && input.includes(".") && isHostName(input.replace(/^\*\./, ""))
      ? undefined
      : { expected: "a domain in lower case such as odoo.example.com, or *.example.com" },
  );

/** Names in DNS that lead to the platform. */
export const dnsSchema = z.strictObject({
  zone: value<string>("domain or zone ID", (input) =>
    typeof input === "string" && (isZoneId(input) || isHostName(input))
      ? undefined
      : { expected: "the domain of a hosted zone, such as example.com, or its ID, such as Z0123456789ABCDEFGHIJ" },
  ).register(keyDocs, {
    about:
      "The public hosted zone of Route 53 that all `domains` are in: its domain, or its ID where several have the same.",
    example: "example.com",
  }),
  domains: z
    .array(domain().register(keyTypes, { type: "domain" }), { error: "a list of domains" })
    .min(1, { error: "at least one domain" })
    .register(keyDocs, {
      about:
        "The names that lead to the platform, those of all environments; `*.example.com` is any name at that place. With " +
        "`load-balanced-production`, the balancer's certificate is for them; AWS allows ten there unless it is asked for more.",
      example: '["odoo.example.com", "*.staging.example.com"]',
    }),
});

/** The load balancer of topology `load-balanced-production`. */
export const balancerSchema = z.strictObject({
  maxHold: duration("1 second")
    .default("2 minutes")
    .register(keyDocs, {
      about:
        "The longest that a release may hold requests: no environment's `release.maxHold` may be longer. The balancer waits for so " +
        "long, and for `proxy.responseTimeout` after that; both may be 3990 seconds together.",
    }),
  waf: flag()
    .default(false)
    .register(keyDocs, {
      about:
        "Whether AWS's firewall stands in front of it: 10,000 requests of an address in five minutes, and the rules against common " +
        "attacks that AWS keeps.",
    }),
  accessLogs: flag()
    .default(false)
    .register(keyDocs, { about: "Whether a bucket keeps for 90 days who has asked for what." }),
});

/** The files that web machines have in common, with topology `load-balanced-production`. */
export const filestoreSchema = z.strictObject({
  path: text(/^(\/[a-z0-9][a-z0-9_-]*){2,}$/, "a folder such as /mnt/odoo", "path")
    .default("/mnt/odoo")
    .register(keyDocs, {
      about: "Where each web machine of `load-balanced-production` has the files that they have in common (EFS).",
      caution: "Environments have it in their `filestore.path`: change it in all of them as well.",
    }),
  folders: z
    .array(text(/^[a-z0-9][a-z0-9_-]{0,62}$/, "a folder's name such as prod").register(keyTypes, { type: "folder" }), {
      error: "a list of folders",
    })
    .default(["prod"])
    .register(keyDocs, {
      about:
        "Folders that are made in it, one for each environment of stage production: its `filestore.path` is `/mnt/odoo/prod` then.",
    }),
  throughput: oneOf(["elastic", "bursting"])
    .default("elastic")
    .register(keyDocs, {
      about:
        "`elastic` is as fast as it is asked to be, for a price by the GB read and written; `bursting` costs nothing, and is slow " +
        "where little is stored.",
    }),
  backup: flag()
    .default(true)
    .register(keyDocs, { about: "Whether AWS Backup copies it every day, and keeps each copy for 35 days." }),
});

const lockSchema = z.strictObject({
  mode: oneOf(["governance", "compliance"]).register(keyDocs, {
    about:
      "`governance` lets people with `s3:BypassGovernanceRetention` delete all the same, `compliance` nobody, not even AWS.",
    example: "governance",
  }),
  days: wholeNumber(1, 3_650).register(keyDocs, {
    about: "Days for which nobody may delete or write over what is in the bucket.",
    example: "30",
    caution: "Once on, the bucket keeps it.",
  }),
});

/** The bucket for backups. */
export const backupsSchema = z.strictObject({
  keepVersions: wholeNumber(1, 3_650)
    .default(30)
    .register(keyDocs, { about: "Days that what was deleted from the bucket, or written over, can be brought back." }),
  coldAfter: value<number>("number, 0 or 30 to 3650", (input) =>
    input === 0 || (typeof input === "number" && Number.isInteger(input) && input >= 30 && input <= 3_650)
      ? undefined
      : { expected: "0, or a whole number from 30 to 3650" },
  )
    .default(30)
    .register(keyDocs, { about: "Days after which objects cost less to keep, and more to read; 0 for never." }),
  lock: lockSchema.optional(),
});

const emails = () =>
  z.array(
    text(/^[^\s@<>"']+@[^\s@<>"']+$/, "an e-mail address", "e-mail address").register(keyTypes, {
      type: "e-mail address",
    }),
    { error: "a list of e-mail addresses" },
  );

/** What CloudWatch watches, and who is told. */
export const alarmsSchema = z.strictObject({
  email: emails()
    .min(1, { error: "at least one e-mail address" })
    .register(keyDocs, {
      about:
        "Who is told of alarms. AWS sends each a message with a link first, and nothing else until it is followed.",
      example: '["erp@example.com"]',
    }),
  warningEmail: emails()
    .optional()
    .register(keyDocs, {
      about: "Who is told of what can wait until the next working day, instead of `email`.",
      derived: "`email`",
      example: '["erp-team@example.com"]',
    }),
  logDays: value<LogDays>("number of days", (input) =>
    logDays.some((days) => days === input)
      ? undefined
      : { expected: `a number of days that CloudWatch can keep logs for: ${logDays.join(", ")}` },
  )
    .default(30)
    .register(keyDocs, { about: "Days that CloudWatch keeps the containers' logs." }),
  dashboard: flag()
    .default(true)
    .register(keyDocs, { about: "Whether CloudWatch has a dashboard of all that is watched." }),
});
