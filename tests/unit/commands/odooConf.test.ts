import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refuseOdooOption, renderOdooConf, type OdooConfSettings } from "../../../infra/commands/odooConf";
import { UserError } from "../../../infra/core/errors";
import { problemsOf } from "../config/given";

const settings: OdooConfSettings = {
  role: "web",
  database: { host: "database", port: 5432, user: "odoo", name: "odoo", password: "db-password" },
  adminPassword: "master-password",
  workers: 4,
  cronThreads: 2,
  dbMaxconn: 8,
  dbMaxconnGevent: 16,
  limitMemorySoftBytes: 2_147_483_648,
  limitMemoryHardBytes: 2_684_354_560,
  limitTimeCpuSeconds: 60,
  limitTimeRealSeconds: 120,
  limitTimeRealCronSeconds: 900,
  limitRequests: 65_536,
  logLevel: "info",
  options: {},
};

/** The options as Python's `RawConfigParser` reads a file like ours: one a line, cut at the first `=`, spaces cut off. */
function read(conf: string): Record<string, string> {
  const lines = conf.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  expect(lines.shift()).toBe("[options]");
  const pairs = lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()] as const;
  });
  // It refuses an option that is there twice.
  expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length);
  return Object.fromEntries(pairs);
}

describe("odoo.conf", () => {
  it("for web containers", () => {
    expect(renderOdooConf(settings)).toBe(`; Rendered by odoo-stacks; changes made here are lost.
[options]
db_host = database
db_port = 5432
db_user = odoo
db_password = db-password
db_name = odoo
db_maxconn = 8
db_maxconn_gevent = 16
db_app_name = odoo-web-{pid}
dbfilter = ^odoo$
list_db = False
admin_passwd = master-password
proxy_mode = True
http_interface = 0.0.0.0
http_port = 8069
gevent_port = 8072
workers = 4
max_cron_threads = 0
http_enable = True
limit_time_cpu = 60
limit_time_real = 120
limit_memory_soft = 2147483648
limit_memory_hard = 2684354560
limit_request = 65536
addons_path = /opt/odoo/addons
data_dir = /var/lib/odoo
with_demo = False
unaccent = True
log_level = info
`);
  });

  it("for the cron container has processes for scheduled actions and no HTTP", () => {
    expect(read(renderOdooConf({ ...settings, role: "cron" }))).toMatchObject({
      workers: "1",
      max_cron_threads: "2",
      http_enable: "False",
      limit_time_cpu: "900",
      limit_time_real_cron: "900",
      db_app_name: "odoo-cron-{pid}",
      list_db: "False",
    });
  });

  it("for a job has neither processes nor time limits", () => {
    expect(read(renderOdooConf({ ...settings, role: "job" }))).toMatchObject({
      workers: "0",
      max_cron_threads: "0",
      http_enable: "False",
      limit_time_cpu: "0",
      limit_time_real: "0",
    });
  });

  it("has developer features for the containers that go on running, and none by itself", () => {
    const conf = (role: OdooConfSettings["role"], dev: OdooConfSettings["dev"]) =>
      read(renderOdooConf({ ...settings, role, dev }));
    expect(conf("web", ["reload", "xml"])).toMatchObject({ dev_mode: "reload,xml", workers: "4" });
    expect(conf("job", ["reload"])).not.toHaveProperty("dev_mode");
    expect(conf("web", [])).not.toHaveProperty("dev_mode");
    expect(refuseOdooOption("dev_mode")?.hint).toMatch(/odoo\.dev/);
  });

  it.each([
    [["reload"], "0"],
    [["all"], "0"],
    [["xml", "qweb"], "1"],
    [[], "1"],
  ] as const)("for the cron container with the features %j has workers = %s", (dev, workers) => {
    expect(read(renderOdooConf({ ...settings, role: "cron", dev })).workers).toBe(workers);
  });

  it("lets no database but its own through", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{1,20}$/);
    fc.assert(
      fc.property(name, name, (own, other) => {
        const { dbfilter = "" } = read(renderOdooConf({ ...settings, database: { ...settings.database, name: own } }));
        expect(new RegExp(dbfilter).test(own)).toBe(true);
        expect(new RegExp(dbfilter).test(other)).toBe(own === other);
      }),
    );
  });

  it("has further options after its own", () => {
    const conf = renderOdooConf({
      ...settings,
      options: { transient_age_limit: 2.5, server_wide_modules: "base,rpc,web,queue_job", reportgz: true },
    });
    expect(
      conf.endsWith(
        "; From the key odoo.options\ntransient_age_limit = 2.5\nserver_wide_modules = base,rpc,web,queue_job\nreportgz = True\n",
      ),
    ).toBe(true);
  });
});

describe("a value", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "a\nlist_db = True",
      "a\r\nb",
      " a",
      "a ",
      "None",
      "False",
      "",
      "a\u2028b",
      "%(db_user)s",
      "a;b#c=d:e",
    ),
  );

  it("is read back as it was given, or refused", () => {
    let kept = 0;
    let refused = 0;
    fc.assert(
      fc.property(text, text, text, (password, master, option) => {
        const given = {
          ...settings,
          database: { ...settings.database, password },
          adminPassword: master,
          options: { email_from: option },
        };
        try {
          const options = read(renderOdooConf(given));
          expect(options).toMatchObject({
            db_password: password,
            admin_passwd: master,
            email_from: option,
            list_db: "False",
          });
          kept += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          refused += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(kept).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });

  it("that is refused is not shown", () => {
    const problems = problemsOf(() => renderOdooConf({ ...settings, adminPassword: "hunter2\nlist_db = True" }));
    expect(problems.map((problem) => problem.path)).toEqual(["admin_passwd"]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("a further option", () => {
  const rendered = [
    ...new Set(
      (["web", "cron", "job"] as const).flatMap((role) => Object.keys(read(renderOdooConf({ ...settings, role })))),
    ),
  ];

  it.each(rendered)("is refused where this project sets it: %s", (name) => {
    expect(refuseOdooOption(name)).toBeDefined();
    expect(problemsOf(() => renderOdooConf({ ...settings, options: { [name]: "x" } }))).toEqual([
      expect.objectContaining({ path: `odoo.options.${name}`, found: name }),
    ]);
  });

  it.each(["smtp_password", "proxy_access_token", "my_api_key", "db_password"])(
    "is refused where it carries a secret: %s",
    (name) => {
      expect(refuseOdooOption(name)?.expected).toBe("an option that carries no secret");
    },
  );

  it.each(["", "A", "a b", "a\nlist_db", "[options]", "a=b", "; a"])("is refused where it is no name: %j", (name) => {
    expect(refuseOdooOption(name)?.expected).toBe("the name of an odoo.conf option in small letters");
  });

  it("loads what tells who asks behind a load balancer, beside what is loaded anyway", () => {
    const loads = (more: Partial<OdooConfSettings>) =>
      /^server_wide_modules = (.*)$/m.exec(renderOdooConf({ ...settings, role: "web", ...more }))?.[1];
    expect(loads({})).toBeUndefined();
    expect(loads({ balanced: true })).toBe("base,rpc,web,odoo_stacks_balancer");
    const options = { server_wide_modules: "base,rpc,web,queue_job" };
    expect(loads({ balanced: true, options })).toBe("base,rpc,web,queue_job,odoo_stacks_balancer");
    expect(renderOdooConf({ ...settings, role: "web", balanced: true, options }).match(/server_wide/g)).toHaveLength(1);
    expect(renderOdooConf({ ...settings, role: "cron", balanced: true })).not.toContain("server_wide");
  });

  it.each(["transient_age_limit", "server_wide_modules", "log_handler", "email_from", "websocket_rate_limit_burst"])(
    "is taken: %s",
    (name) => {
      expect(refuseOdooOption(name)).toBeUndefined();
    },
  );
});
