import { z } from "zod";
import { nearest } from "../core/nearest";
import { parseBlock, usualNetwork } from "./awsAddresses";
import { instanceType, instanceTypeNames } from "./awsInstanceTypes";
import { regionNames } from "./awsRegions";
import { alarmsSchema, backupsSchema, balancerSchema, dnsSchema, filestoreSchema } from "./awsServicesSchema";
import { flag, keyDocs, keyTypes, oneOf, size, text, value, wholeNumber } from "./keys";

/** A block of addresses such as 10.40.0.0/16. */
const block = () =>
  value<string>("address block", (input) =>
    typeof input === "string" && parseBlock(input)
      ? undefined
      : { expected: "a block of IPv4 addresses such as 10.40.0.0/16, from its first address on" },
  );

const region = () =>
  value<string>("region", (input) => {
    if (regionNames.some((name) => name === input)) return undefined;
    const meant = typeof input === "string" && nearest(input, regionNames);
    return {
      expected: "a region of AWS such as eu-central-1",
      hint: meant ? `Did you mean "${meant}"?` : `Known are ${regionNames.join(", ")}.`,
    };
  });

const type = () =>
  value<string>("instance type", (input) => {
    if (typeof input === "string" && instanceType(input)) return undefined;
    const family = typeof input === "string" ? input.split(".")[0] : undefined;
    const near = instanceTypeNames.filter((name) => name.startsWith(`${family ?? ""}.`));
    const meant = typeof input === "string" && nearest(input, instanceTypeNames);
    const families = [...new Set(instanceTypeNames.map((name) => name.split(".")[0]))].join(", ");
    return {
      expected: `an instance type of EC2 such as t3.medium, of the families ${families}`,
      hint: near.length > 0 ? `There are ${near.join(", ")}.` : meant ? `Did you mean "${meant}"?` : undefined,
    };
  });

/** A machine's kind and its disk. */
const machineSchema = (what: string, data: "20 GB" | "40 GB") =>
  z.strictObject({
    type: type()
      .default("t3.medium")
      .register(keyDocs, {
        about: `Instance type of ${what}. All machines of a platform have one architecture: that of the computer that images are made on.`,
        caution: "Another type stops the machine for a minute or two.",
      }),
    data: size("10 GB")
      .default(data)
      .register(keyDocs, {
        about: `Size of the volume with the data of ${what}, in whole GB. It can grow, and never gets smaller.`,
      }),
  });

const machinesSchema = z.strictObject({
  main: machineSchema(
    "the machine `main`: all of it with `single-host`, else the first with production",
    "40 GB",
  ).prefault({}),
  web: machineSchema("each further web machine of `load-balanced-production`", "20 GB").prefault({}),
  database: machineSchema("the machine `db`, with production's PostgreSQL", "40 GB").prefault({}),
  nonproduction: machineSchema("the machine `nonprod`, with staging and development", "40 GB").prefault({}),
});

const databaseSchema = z.strictObject({
  machine: flag()
    .default(true)
    .register(keyDocs, {
      about:
        "Whether there is a machine for production's PostgreSQL, with the topologies that have one. Without it, PostgreSQL is on the " +
        "machine `main`.",
    }),
});

const snapshotsSchema = z.strictObject({
  keep: wholeNumber(1, 365)
    .default(7)
    .register(keyDocs, { about: "How many of the daily snapshots of each data volume are kept." }),
  at: text(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 03:00", "time of day, UTC")
    .default("03:00")
    .register(keyDocs, { about: "When they are made, in UTC; AWS begins within an hour." }),
});

const tag = () =>
  text(/^[\p{L}\p{N} _.:/=+@-]{1,256}$/u, "a value that AWS takes for a tag, 256 characters at most", "tag");

const tagsSchema = z.strictObject({
  owner: tag()
    .optional()
    .register(keyDocs, { about: "Whose it is: tag `owner`.", derived: "no such tag", example: "erp-team" }),
  costCentre: tag()
    .optional()
    .register(keyDocs, { about: "Who pays it: tag `cost-centre`.", derived: "no such tag", example: "4711" }),
});

/** What a platform of target `aws` is made of. */
export const awsSchema = z.strictObject({
  region: region().register(keyDocs, {
    about: "The region of AWS that everything is in.",
    example: "eu-central-1",
    caution: "It can't be changed while there is data.",
  }),
  profile: text(/^[\w.@+-]{1,128}$/, "the name of a profile", "profile")
    .optional()
    .register(keyDocs, {
      about: "Profile of the AWS configuration (`~/.aws/config`) with the credentials.",
      derived: "what AWS's tools find by themselves: variables, the default profile, single sign-on",
      example: "acme",
    }),
  cidr: block()
    .default(usualNetwork)
    .register(keyDocs, {
      about: "Addresses of the platform's network (VPC), a private block from /16 to /22.",
      caution: "It can't be changed while there is data.",
    }),
  zones: z
    .array(
      text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "an availability zone such as eu-central-1a").register(keyTypes, {
        type: "availability zone",
      }),
      { error: "a list of availability zones" },
    )
    .min(2, { error: "two or three availability zones" })
    .max(3, { error: "two or three availability zones" })
    .optional()
    .register(keyDocs, {
      about: "Availability zones that the network and the machines are spread over, two or three.",
      derived: "the first three of the region",
      example: '["eu-central-1a", "eu-central-1b"]',
      caution: "One can be added at the end. While there is data, none can be taken out or change its place.",
    }),
  access: oneOf(["ssm", "ssh"])
    .default("ssm")
    .register(keyDocs, {
      about:
        "How machines are reached: through AWS's Session Manager, with no port open (`ssm`), or over SSH from the addresses of " +
        "`sshFrom` (`ssh`).",
    }),
  sshFrom: z
    .array(block(), { error: "a list of address blocks" })
    .default([])
    .register(keyDocs, {
      about: "Addresses that may reach port 22, with `access: ssh` alone.",
      example: '["203.0.113.7/32"]',
    }),
  publicKey: text(
    /^(ssh-(ed25519|rsa) [A-Za-z0-9+/=]{60,}( .*)?|(~\/|\.{0,2}\/)?[^\s"]+\.pub)$/,
    "an OpenSSH public key (ssh-ed25519 or ssh-rsa), or the path of a file such as ~/.ssh/id_ed25519.pub",
    "public key or path",
  ).register(keyDocs, {
    about:
      "The OpenSSH public key that machines let you in with, or the path of its file, relative to the project or to `~/`. " +
      "With Session Manager as well: it leads to the machine's SSH server.",
    example: "ssh-ed25519 AAAA… ada@laptop",
    caution: "A machine takes it when it is made; another one later has to be put on it by hand.",
  }),
  key: text(/^[^\s"]+$/, "the path of a file", "path")
    .optional()
    .register(keyDocs, {
      about: "File with the private key, relative to the project or to `~/`. Never the key itself.",
      derived: "what ssh finds by itself: the agent, `~/.ssh`",
      example: "~/.ssh/id_ed25519",
    }),
  machines: machinesSchema.prefault({}),
  database: databaseSchema.prefault({}),
  rootDisk: size("8 GB")
    .default("12 GB")
    .register(keyDocs, { about: "Size of each machine's volume with the operating system, in whole GB." }),
  swap: size("128 MB")
    .default("2 GB")
    .register(keyDocs, { about: "Swap of each machine, on the volume with the operating system." }),
  detailedMonitoring: flag()
    .default(false)
    .register(keyDocs, { about: "Whether CloudWatch gets a machine's figures every minute and not every five." }),
  nat: oneOf(["single", "per-zone"])
    .default("single")
    .register(keyDocs, {
      about:
        "How machines without a public address reach the internet, with the topologies that have such: one NAT gateway for all, or " +
        "one in each zone, so that the loss of a zone cuts no other off.",
    }),
  flowLogs: flag()
    .default(false)
    .register(keyDocs, { about: "Whether CloudWatch Logs keeps for 30 days who has talked to whom in the network." }),
  snapshots: snapshotsSchema.prefault({}),
  dns: dnsSchema.optional(),
  balancer: balancerSchema.prefault({}),
  filestore: filestoreSchema.prefault({}),
  backups: backupsSchema.optional(),
  alarms: alarmsSchema.optional(),
  unprotected: z
    .array(text(/^[a-z][a-z0-9-]*$/, "a machine's name such as db").register(keyTypes, { type: "machine name" }), {
      error: "a list of machine names",
    })
    .default([])
    .register(keyDocs, {
      about:
        "Machines whose data volume may be deleted with them; it gets a last snapshot when that happens. `filestore`, `balancer` and " +
        "`backups` are what is around them: the files that web machines have in common, the load balancer, the bucket for backups.",
      example: '["db"]',
    }),
  tags: tagsSchema.prefault({}),
});

/** What a platform of target `aws` is made of, checked, with every default filled in. */
export type AwsConfig = z.output<typeof awsSchema>;
