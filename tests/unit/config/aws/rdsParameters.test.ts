import { describe, expect, it } from "vitest";
import { type RdsClass, rdsClasses } from "../../../../infra/config/aws/rdsClasses";
import { type RdsDemand, rdsParameters } from "../../../../infra/config/aws/rdsParameters";

const demand: RdsDemand = {
  ...{ workers: 4, busyWorkers: 4, cronThreads: 1 },
  ...{ dbMaxconn: undefined, maxConnections: undefined },
};
const classOf = (name: string) => rdsClasses.get(name) as RdsClass;
const of = (name: string, more: Parameters<typeof rdsParameters>[2] = {}) => {
  const { parameters, problems } = rdsParameters(classOf(name), demand, more);
  const value = (parameter: string) => parameters.find((one) => one.name === parameter)?.value;
  return { parameters, problems, value };
};

/** Parameters that PostgreSQL takes only when it starts (pg_settings.context = 'postmaster'). */
const atStart = ["max_connections", "shared_preload_libraries", "rds.logical_replication"];

describe("the parameters of a server on RDS", () => {
  it("force TLS, and passwords that are kept as SCRAM", () => {
    const { value } = of("db.t4g.medium");
    expect(value("rds.force_ssl")).toBe("1");
    expect(value("rds.accepted_password_auth_method")).toBe("scram");
    expect(value("password_encryption")).toBe("scram-sha-256");
  });

  it("are in PostgreSQL's base units, and grow with the class", () => {
    const small = of("db.t4g.medium");
    const large = of("db.r7g.xlarge");
    // 4 GB less a tenth, three quarters of that, in blocks of 8 KB.
    expect(Number(small.value("effective_cache_size"))).toBe(Math.floor((4 * 0.9 * 0.75 * 1024 ** 2) / 8));
    for (const name of ["effective_cache_size", "work_mem", "maintenance_work_mem"]) {
      expect(small.value(name)).toMatch(/^\d+$/);
      expect(Number(large.value(name))).toBeGreaterThan(Number(small.value(name)));
    }
    // 64 kB to 2 GB, which RDS takes.
    expect(Number(large.value("work_mem"))).toBeGreaterThanOrEqual(64);
  });

  it("leave what RDS derives itself to RDS", () => {
    expect(of("db.m7g.large").value("shared_buffers")).toBeUndefined();
  });

  it("apply at the next start what only a start can", () => {
    for (const { name, applyMethod } of of("db.m7g.large", { logicalReplication: true }).parameters) {
      if (atStart.includes(name)) expect([name, applyMethod]).toEqual([name, "pending-reboot"]);
    }
  });

  it("have room for all connections that Odoo may open during a release", () => {
    const { value, problems } = of("db.t4g.small");
    expect(problems).toEqual([]);
    expect(Number(value("max_connections"))).toBeGreaterThan(4 * 2 * 4);
  });

  it("are refused where connections don't fit the class, with a way out that there is on RDS", () => {
    const { problems } = rdsParameters(classOf("db.t4g.micro"), { ...demand, workers: 60, busyWorkers: 60 });
    expect(problems[0]?.hint).toBe("Lower it, or take a larger instance class.");
  });

  it("make it possible to follow changes one by one only where that is asked for", () => {
    expect(of("db.m7g.large").value("rds.logical_replication")).toBeUndefined();
    expect(of("db.m7g.large", { logicalReplication: true }).value("rds.logical_replication")).toBe("1");
  });

  it("are each there once, in order, and own ones win", () => {
    const { parameters, value } = of("db.m7g.large", { settings: { work_mem: 8192, log_min_duration_statement: 500 } });
    const names = parameters.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(value("work_mem")).toBe("8192");
    expect(value("log_min_duration_statement")).toBe("500");
  });

  it.each([
    "rds.force_ssl",
    "rds.accepted_password_auth_method",
    "password_encryption",
    "max_connections",
    "wal_level",
  ])("can't be overruled in %s", (name) => {
    expect(of("db.m7g.large", { settings: { [name]: "0" } }).problems[0]?.path).toBe(`settings.${name}`);
  });
});
