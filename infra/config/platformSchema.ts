import { isIP } from "node:net";
import { z } from "zod";
import { awsSchema } from "./awsSchema";
import { targets, topologies } from "./capabilities";
import { duration, flag, isHostName, keyDocs, keyTypes, oneOf, size, text, value, wholeNumber } from "./keys";

/** How much of what a container writes to its output is kept. */
export const logsSchema = z.strictObject({
  maxSize: size("1 MB")
    .default("10 MB")
    .register(keyDocs, { about: "Size at which a container's log file is rotated." }),
  maxFiles: wholeNumber(1, 100).default(5).register(keyDocs, { about: "Rotated log files kept of each container." }),
});

/** An IP address of the machine that a port is published on. */
const address = () =>
  value<string>("IP address", (input) =>
    typeof input === "string" && isIP(input) !== 0
      ? undefined
      : { expected: "an IP address of this machine", hint: "127.0.0.1 is this machine alone, 0.0.0.0 every network." },
  );

const proxySchema = z.strictObject({
  bind: address()
    .default("127.0.0.1")
    .register(keyDocs, {
      about:
        "Address the proxy listens on. `127.0.0.1` is reached from this machine alone, `0.0.0.0` from every network.",
    }),
  httpPort: wholeNumber(1, 65_535)
    .default(8080)
    .register(keyDocs, { about: "Port for HTTP. Certificates from Let's Encrypt need port 80 to arrive here." }),
  httpsPort: wholeNumber(1, 65_535)
    .default(8443)
    .register(keyDocs, { about: "Port for HTTPS. Certificates from Let's Encrypt need port 443 to arrive here." }),
  responseTimeout: duration("1 second")
    .default("150 seconds")
    .register(keyDocs, {
      about:
        "How long the proxy waits for an answer. Every environment's `odoo.limits.timeReal` must be shorter, so that Odoo " +
        "itself ends a request that takes too long.",
    }),
  balancer: oneOf(["https", "http"])
    .optional()
    .register(keyDocs, {
      about:
        "How people open a load balancer of your own in front of a proxy on every web machine, with topology " +
        "`load-balanced-production`: it ends HTTPS, no certificates are asked for, and its `X-Forwarded-*` headers are believed.",
      derived: "none: people come to the one proxy itself",
      example: "https",
      caution: "Nobody but the balancer may reach the proxies' ports then.",
    }),
  maxBodySize: size("1 MB")
    .default("512 MB")
    .register(keyDocs, { about: "Largest request, and with it the largest upload." }),
  logs: logsSchema.prefault({}),
});

const machineSchema = z.strictObject({
  cores: wholeNumber(1, 1_024)
    .optional()
    .register(keyDocs, {
      about: "Processor cores to plan with, at most what the machine has.",
      derived: "what Docker reports",
    }),
  memory: size("1 GB")
    .optional()
    .register(keyDocs, {
      about: "Memory to plan with, at most what the machine has.",
      derived: "what Docker reports",
      example: "16 GB",
    }),
  reserve: size("128 MB")
    .optional()
    .register(keyDocs, {
      about: "Memory left to the operating system, Docker and the proxy.",
      derived: "10 % of the memory, at least 384 MB",
      example: "1 GB",
    }),
});

const percent = () => wholeNumber(0, 100);

const sharesSchema = z.strictObject({
  production: percent().default(60).register(keyDocs, { about: "Percent of the machine that production may use." }),
  staging: percent().default(25).register(keyDocs, { about: "Percent of the machine that staging may use." }),
  development: percent().default(15).register(keyDocs, { about: "Percent of the machine that development may use." }),
});

/** What a machine may carry. */
export const machineRoles = ["database", "production", "nonproduction", "proxy"] as const;

/** What a machine may carry. */
export type MachineRole = (typeof machineRoles)[number];

/** A machine of the user's own. */
const serverSchema = z.strictObject({
  name: text(/^[a-z][a-z0-9-]{0,30}$/, "a name in lower case such as web-1", "name").register(keyDocs, {
    about: "What the machine is called in messages and commands.",
    example: "main",
  }),
  address: value<string>("host name or IP address", (input) =>
    typeof input === "string" && (isIP(input) !== 0 || isHostName(input))
      ? undefined
      : { expected: "a host name or an IP address" },
  ).register(keyDocs, { about: "Where it is reached over SSH.", example: "203.0.113.10" }),
  user: text(/^[a-z_][a-z0-9_-]{0,31}$/, "a user's name such as deploy", "user name")
    .default("root")
    .register(keyDocs, { about: "Who logs in: root, or a user whose `sudo` asks for no password." }),
  port: wholeNumber(1, 65_535).default(22).register(keyDocs, { about: "Port of its SSH server." }),
  key: text(/^[^\s"]+$/, "the path of a file", "path")
    .optional()
    .register(keyDocs, {
      about: "File with the private key, relative to the project or to `~/`. Never the key itself.",
      derived: "what ssh finds by itself: the agent, `~/.ssh`",
      example: "~/.ssh/id_ed25519",
    }),
  privateAddress: address()
    .optional()
    .register(keyDocs, {
      about: "IP address that the platform's other machines reach it at.",
      derived: "`address`, which must be an IP address then",
      example: "10.0.0.10",
    }),
  dataDisk: text(/^\/dev\/[\w/.:-]+$/, "a disk such as /dev/vdb", "disk")
    .optional()
    .register(keyDocs, {
      about: "An empty disk for all data: it gets XFS, on which copies of a database take a second or two.",
      derived: "none: Docker's data is where Docker has it",
      example: "/dev/vdb",
      caution:
        "One that is not empty is refused, never formatted. It can be given only to a machine without Docker's data.",
    }),
  swap: size("128 MB")
    .optional()
    .register(keyDocs, { about: "Swap to make where there is none.", derived: "none", example: "2 GB" }),
  roles: z
    .array(oneOf(machineRoles).register(keyTypes, { type: "role" }), { error: "a list of roles" })
    .min(1, { error: "at least one role" })
    .optional()
    .register(keyDocs, {
      about:
        "What it carries: production's PostgreSQL (`database`), production's Odoo (`production`), staging and development " +
        "(`nonproduction`), the proxy in front of all of them (`proxy`).",
      derived: "everything where there is one machine; `proxy` is the first machine with `production`",
      example: '["database"]',
    }),
});

const networkSchema = z.strictObject({
  encrypted: flag()
    .optional()
    .register(keyDocs, {
      about:
        "Whether what the platform's machines tell each other is encrypted (IPsec). Set it to false only where nobody else is " +
        "on the network between them.",
      derived: "true unless the target is `local`, where nothing leaves the machine",
      caution: "Networks that are there already stay as they are.",
    }),
});

/** A stack of kind `platform`: machines, network and proxy that environments are placed on. */
export const platformSchema = z.strictObject({
  kind: oneOf(["platform"]).register(keyDocs, {
    about: "What the stack declares: the machine, its network and its proxy.",
  }),
  topology: oneOf(topologies)
    .default("single-host")
    .register(keyDocs, {
      about:
        "How the machines share the work. `single-host` runs PostgreSQL and every environment on one machine; " +
        "`split-database` gives production's PostgreSQL, production's Odoo, and staging with development a machine each; " +
        "`load-balanced-production` has several web machines for production besides.",
    }),
  webMachines: wholeNumber(2, 16)
    .optional()
    .register(keyDocs, {
      about:
        "Machines that answer production's requests with `load-balanced-production`, each with a web container of its own.",
      derived: "2",
      example: "3",
    }),
  target: oneOf(targets)
    .default("local")
    .register(keyDocs, {
      about:
        "Where the machines come from. `local` is this machine's Docker Engine, `servers` are your own, over SSH, `aws` makes them in " +
        "an account of AWS.",
    }),
  machines: z
    .array(serverSchema.register(keyTypes, { type: "machine" }), { error: "a list of machines" })
    .default([])
    .register(keyDocs, { about: "The machines of target `servers`." }),
  aws: awsSchema.optional(),
  network: networkSchema.prefault({}),
  proxy: proxySchema.prefault({}),
  machine: machineSchema.prefault({}),
  shares: sharesSchema.prefault({}),
});
