import { UserError, type Problem } from "../core/errors";
import { hidesSecret, isOneLine, oneLine, type Refusal, type Settings } from "./settings";

/** What an `odoo.conf` is rendered from. */
export interface OdooConfSettings {
  /**
   * Which container it is for: `web` answers requests, `cron` runs scheduled actions, `job` runs one command and ends
   * (modules, a shell, a dump).
   */
  readonly role: "web" | "cron" | "job";
  /** The database server, and the role and database on it. */
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly name: string;
    /** A secret. */
    readonly password: string;
    /** Whether the server's certificate is checked: libpq finds what against in `PGSSLROOTCERT`. @default false */
    readonly verified?: boolean;
  };
  /** Odoo's master password; a secret. */
  readonly adminPassword: string;
  /** Processes that answer requests; of effect for `web`. */
  readonly workers: number;
  /** Processes that run scheduled actions; of effect for `cron`. */
  readonly cronThreads: number;
  /** Connections that a worker or cron process may open. */
  readonly dbMaxconn: number;
  /** Connections that the gevent process may open. */
  readonly dbMaxconnGevent: number;
  /** Virtual memory at which a worker is replaced, in bytes. */
  readonly limitMemorySoftBytes: number;
  /** Virtual memory at which an allocation fails, in bytes. */
  readonly limitMemoryHardBytes: number;
  readonly limitTimeCpuSeconds: number;
  readonly limitTimeRealSeconds: number;
  readonly limitTimeRealCronSeconds: number;
  /** Requests after which a worker is replaced. */
  readonly limitRequests: number;
  /** The least important kind of line that is logged: `info`, `warn` … */
  readonly logLevel: string;
  /** Developer features; a job has none. @default none */
  readonly dev?: readonly DevFeature[];
  /** Whether a load balancer stands in front of the proxy, both of which tell who asks. @default false */
  readonly balanced?: boolean;
  /** Further options, as in the key `odoo.options`. */
  readonly options: Settings;
}

/** Ports inside the containers: the proxy routes to Odoo's two, and asks at the third whether a container lives. */
export const odooPorts = { http: 8069, gevent: 8072, alive: 8073 } as const;

/**
 * Where the image has the user's own modules and this project's (infra/images/odoo), where filestore and sessions are kept, and where
 * containers find the certificates that the database's server is checked against, if it has any.
 */
export const odooPaths = {
  ...{ addons: "/opt/odoo/addons", server: "/opt/odoo/server", data: "/var/lib/odoo" },
  trust: "/etc/odoo-stacks/database.pem",
} as const;

/** The `odoo` user and group, the same in Docker Hub's image and in Debian's package. */
export const odooUser = { uid: 100, gid: 101 };

/** Developer features that Odoo 19 has (odoo/tools/config.py, `--dev`). */
export const devFeatures = ["access", "all", "qweb", "reload", "replica", "werkzeug", "xml"] as const;

/** One of Odoo's developer features. */
export type DevFeature = (typeof devFeatures)[number];

/** Whether Odoo starts anew when a Python file changes. */
export const reloads = (dev: readonly DevFeature[] = []): boolean => dev.includes("reload") || dev.includes("all");

/** Options that differ between the containers of one environment. */
const roleOptions: Readonly<Record<OdooConfSettings["role"], (settings: OdooConfSettings) => Settings>> = {
  web: (settings) => ({
    workers: settings.workers,
    max_cron_threads: 0,
    http_enable: true,
    limit_time_cpu: settings.limitTimeCpuSeconds,
    limit_time_real: settings.limitTimeRealSeconds,
  }),
  // Any number of workers but 0 makes Odoo run each cron thread as a process of its own, which a watchdog ends alone when
  // it takes too long; without HTTP none of the workers is started (odoo/service/server.py, PreforkServer.process_spawn).
  // Where code is reloaded these are threads: a server with processes hands its HTTP port over, and fails without one.
  cron: (settings) => ({
    workers: reloads(settings.dev) ? 0 : 1,
    max_cron_threads: settings.cronThreads,
    http_enable: false,
    // A cron process is held to limit_time_cpu too, for all that it runs in one go.
    limit_time_cpu: settings.limitTimeRealCronSeconds,
    limit_time_real: settings.limitTimeRealSeconds,
    limit_time_real_cron: settings.limitTimeRealCronSeconds,
  }),
  // An upgrade of modules takes as long as it takes.
  job: () => ({ workers: 0, max_cron_threads: 0, http_enable: false, limit_time_cpu: 0, limit_time_real: 0 }),
};

/** Options in the order of the file. Names: `odoo server --help` of Odoo 19. */
function optionsOf(settings: OdooConfSettings): Settings {
  const { database } = settings;
  return {
    db_host: database.host,
    db_port: database.port,
    db_user: database.user,
    db_password: database.password,
    db_name: database.name,
    ...(database.verified ? { db_sslmode: "verify-full" } : {}),
    db_maxconn: settings.dbMaxconn,
    db_maxconn_gevent: settings.dbMaxconnGevent,
    // Shown in pg_stat_activity; Odoo puts the process in.
    db_app_name: `odoo-${settings.role}-{pid}`,
    dbfilter: `^${escapeRegExp(database.name)}$`,
    list_db: false,
    admin_passwd: settings.adminPassword,
    proxy_mode: true,
    http_interface: "0.0.0.0",
    http_port: odooPorts.http,
    gevent_port: odooPorts.gevent,
    ...roleOptions[settings.role](settings),
    limit_memory_soft: settings.limitMemorySoftBytes,
    limit_memory_hard: settings.limitMemoryHardBytes,
    limit_request: settings.limitRequests,
    addons_path: odooPaths.addons,
    data_dir: odooPaths.data,
    with_demo: false,
    unaccent: true,
    log_level: settings.logLevel,
    ...loaded(settings),
    ...(settings.dev?.length && settings.role !== "job" ? { dev_mode: settings.dev.join(",") } : {}),
  };
}

/** Options that this project sets itself, and the key to use instead where there is one. */
const managed: Readonly<Record<string, string>> = {
  db_host: "",
  db_port: "",
  db_user: "",
  db_name: "Use the key database.name.",
  db_sslmode: "",
  db_maxconn: "Use the key odoo.dbMaxconn.",
  db_maxconn_gevent: "Use the key odoo.dbMaxconn.",
  db_app_name: "",
  db_template: "",
  db_replica_host: "",
  db_replica_port: "",
  dbfilter: "",
  list_db: "",
  proxy_mode: "",
  http_interface: "",
  http_port: "",
  http_enable: "",
  gevent_port: "",
  longpolling_port: "",
  xmlrpc_port: "",
  xmlrpc_interface: "",
  x_sendfile: "The proxy does not serve files from Odoo's disk.",
  workers: "Use the key odoo.workers.",
  max_cron_threads: "Use the key odoo.cronThreads.",
  limit_memory_soft: "Use the key odoo.limits.memorySoft.",
  limit_memory_hard: "Use the key odoo.limits.memoryHard.",
  limit_time_cpu: "Use the key odoo.limits.timeCpu.",
  limit_time_real: "Use the key odoo.limits.timeReal.",
  limit_time_real_cron: "Use the key odoo.limits.timeRealCron.",
  limit_request: "Use the key odoo.limits.requests.",
  addons_path: "Use the key addons.",
  data_dir: "",
  with_demo: "Use the key demo.",
  without_demo: "Use the key demo.",
  unaccent: "",
  log_level: "Use the key odoo.logLevel.",
  logfile: "Docker keeps and rotates the log.",
  syslog: "Docker keeps and rotates the log.",
  pidfile: "",
  dev_mode: "Use the key odoo.dev, in development.",
};

/** Says why an option may not be given under `odoo.options`; `undefined` when it may. */
export function refuseOdooOption(name: string): Refusal | undefined {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return { expected: "the name of an odoo.conf option in small letters" };
  const instead = managed[name];
  if (instead !== undefined) {
    return { expected: "an option that this project does not set itself", hint: instead || `Leave ${name} out.` };
  }
  if (!hidesSecret(name)) return undefined;
  const hint = name.startsWith("smtp_")
    ? "Set up the mail server in Odoo, under Settings → Technical."
    : `Leave ${name} out.`;
  return { expected: "an option that carries no secret", hint };
}

/**
 * Renders the `odoo.conf` of one container. It holds passwords: only the `odoo` user may read it.
 *
 * @throws UserError when an option is refused, or a value would not be read back as it is.
 */
export function renderOdooConf(settings: OdooConfSettings): string {
  const refused = Object.entries(settings.options).flatMap(([name, value]): Problem[] => {
    const refusal = refuseOdooOption(name) ?? (isReadBack(value) ? undefined : { expected: oneLine });
    return refusal ? [{ path: `odoo.options.${name}`, found: name, ...refusal }] : [];
  });
  const options = optionsOf(settings);
  const unreadable = Object.entries(options).flatMap(([name, value]): Problem[] =>
    isReadBack(value)
      ? []
      : [{ path: name, expected: "a text of one line that Odoo reads as it is", found: "another one" }],
  );
  const problems = [...refused, ...unreadable];
  if (problems.length > 0) throw new UserError("odoo.conf can't be rendered.", problems);
  const own = Object.entries(settings.options).filter(([name]) => !(name in options));
  const lines = [
    "; Rendered by odoo-stacks; changes made here are lost.",
    "[options]",
    ...Object.entries(options).map(line),
    ...(own.length > 0 ? ["; From the key odoo.options", ...own.map(line)] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** What Odoo's server loads for all databases, by default as in odoo/tools/config.py, where it has to load more. */
function loaded({ role, balanced, options }: OdooConfSettings): Settings {
  if (!balanced || role !== "web") return {};
  return { server_wide_modules: `${options.server_wide_modules ?? "base,rpc,web"},odoo_stacks_balancer` };
}

function line([name, value]: [string, string | number | boolean]): string {
  if (typeof value === "boolean") return `${name} = ${value ? "True" : "False"}`;
  return `${name} = ${value}`;
}

/**
 * Whether Python's `RawConfigParser` and Odoo's option parser read a value as it is: on one line, without space at its ends
 * (cut off) and none of the words that stand for no value.
 */
function isReadBack(value: string | number | boolean): boolean {
  if (!isOneLine(value)) return false;
  return typeof value !== "string" || (value === value.trim() && !["", "None", "False", "false"].includes(value));
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
