import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import * as argv from "../../../infra/operator/move/argv";
import { scramVerifier } from "../../../infra/operator/move/scram";
import * as sql from "../../../infra/operator/move/sql";

/** The value of an option. */
const option = (all: readonly string[], name: string) => all[all.indexOf(name) + 1];

describe("containers of a move", () => {
  it("carry the labels of jobs, which no list of servers has", () => {
    const all = [
      argv.startCopy("prod", "sha256:p", "prod-network", "prod-data"),
      argv.awaitEnd("prod", "sha256:p", "prod-data"),
      argv.lookInto("prod", "sha256:p", "prod-data"),
    ];
    for (const command of all) {
      expect(command).toContain("odoo-stacks.role=job");
      expect(command).toContain("odoo-stacks.stack=prod");
      expect(command).toContain("--no-healthcheck");
    }
  });

  it("make the copy on the environment's network, with the password kept in memory", () => {
    const command = argv.startCopy("prod", "sha256:p", "prod-network", "prod-data");
    expect(option(command, "--network")).toBe("prod-network");
    expect(option(command, "--volume")).toBe("prod-data:/var/lib/postgresql/odoo-stacks");
    expect(option(command, "--tmpfs")).toBe("/run/odoo-stacks-move:mode=0700");
    expect(command).not.toContain("--restart");
    expect(command.slice(-4)).toEqual(["--entrypoint", "/opt/odoo-stacks/move.sh", "sha256:p", "hold"]);
  });

  it("only read the volume of the old server", () => {
    const command = argv.awaitEnd("prod", "sha256:p", "prod-data");
    expect(option(command, "--volume")).toBe("prod-data:/var/lib/postgresql/odoo-stacks:ro");
    expect(option(command, "--network")).toBe("none");
  });

  it("give a volume the labels of the one before", () => {
    expect(argv.createVolume("prod-data", { a: "1", b: "2" })).toEqual([
      ...["docker", "volume", "create", "--label", "a=1", "--label", "b=2", "prod-data"],
    ]);
  });

  it("are waited for in a way that Python understands", () => {
    const [python = "", flag = "", program = ""] = argv.awaitReach(0);
    expect([python, flag]).toEqual(["python3", "-c"]);
    // Compiled, and not run: the name `database` may lead somewhere here.
    execFileSync("python3", ["-c", "import sys; compile(sys.stdin.read(), 'x', 'exec')"], { input: program });
  });
});

describe("the role that a copy is made by", () => {
  it("is made with what PostgreSQL keeps of its password, as RFC 7677 has it", () => {
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    expect(scramVerifier("pencil", salt)).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
    const statements = sql.admitSql(scramVerifier("secret-of-this-move"));
    expect(statements).not.toContain("secret-of-this-move");
    expect(statements).toContain("REPLICATION LOGIN PASSWORD E'SCRAM-SHA-256$4096:");
  });

  it("goes with its slot, and where there is none nothing happens", () => {
    const statements = sql.dismissSql();
    const order = ["NOLOGIN", "pg_terminate_backend", "pg_drop_replication_slot", "DROP ROLE IF EXISTS"];
    const places = order.map((word) => statements.indexOf(word));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });
});

describe("the rows of tables", () => {
  it("are counted one table after the other until the time is over", () => {
    const lines = sql.countSql(["public.a", 'public."We\'ird:|na\\me"'], 1.5).split("\n");
    expect(lines).toContain("SET statement_timeout = '1500ms';");
    expect(lines.filter((line) => line.startsWith("SELECT json_build_array"))).toEqual([
      "SELECT json_build_array(E'public.a', CASE WHEN clock_timestamp() < :'deadline' THEN (SELECT count(*) FROM ONLY public.a) END);",
      `SELECT json_build_array(E'public."We''ird:|na\\\\me"', CASE WHEN clock_timestamp() < :'deadline' THEN (SELECT count(*) FROM ONLY public."We'ird:|na\\me") END);`,
    ]);
    // What comes after is not cut off.
    expect(lines.at(-2)).toBe("SET statement_timeout = 0;");
  });

  it("are read as far as they were counted", () => {
    const text = '{"system" : "7421", "follows" : false}\n["public.a", 3]\n["public.b", null]\n';
    const answer = sql.parseAnswer(text);
    expect(answer).toEqual({ system: "7421", follows: false, rows: new Map([["public.a", 3]]) });
    expect(() => sql.parseAnswer("")).toThrow("did not say");
  });

  const answer = (rows: Record<string, number>, more: Partial<sql.ServerFacts> = {}): sql.ServerAnswer => ({
    ...{ system: "7421", follows: false, ...more },
    rows: new Map(Object.entries(rows)),
  });

  it("are compared where both places have counted", () => {
    const check = sql.compare(answer({ a: 3, b: 4, c: 5 }), answer({ a: 3, b: 4, d: 6 }), 9);
    expect(check).toEqual({ compared: 2, tables: 9, rows: 7 });
  });

  it("that differ, another cluster, or one that follows: each is an error that says so", () => {
    expect(() => sql.compare(answer({ a: 3 }), answer({ a: 2 }), 1)).toThrow("Rows differ in 1 tables: a: 3, then 2.");
    expect(() => sql.compare(answer({}), answer({}, { system: "8" }), 0)).toThrow("another one: 8, not 7421");
    expect(() => sql.compare(answer({}), answer({}, { follows: true }), 0)).toThrow("still follows");
  });
});

describe("sessions", () => {
  it("are ended and kept out before anything is counted, by a setting that the copy has as well", () => {
    const statements = sql.freezeSql(["public.a"], 1);
    expect(statements.indexOf("CONNECTION LIMIT 0")).toBeLessThan(statements.indexOf("pg_terminate_backend"));
    expect(statements.indexOf("pg_terminate_backend")).toBeLessThan(statements.indexOf("count(*)"));
    expect(sql.verifySql([], 1)).not.toContain("CONNECTION LIMIT");
  });

  it("are let in as before", () => {
    expect(sql.letInSql("odoo", 40)).toBe("SELECT format('ALTER DATABASE %I CONNECTION LIMIT 40', E'odoo') \\gexec\n");
  });
});

describe("the end of the old server", () => {
  const controlData = (state: string) =>
    [
      "pg_control version number:            1700",
      `Database cluster state:               ${state}`,
      "Latest checkpoint location:           0/C6F1150",
      "Latest checkpoint's REDO location:    0/C6F1150",
    ].join("\n");

  it("is known by its last checkpoint", () => {
    expect(sql.shutdownPosition(controlData("shut down"))).toBe("0/C6F1150");
  });

  it.each(["in production", "shutting down", "shut down in recovery"])("is none while it is %s", (state) => {
    expect(() => sql.shutdownPosition(controlData(state))).toThrow(`its cluster is "${state}"`);
    expect(() => sql.shutdownPosition("")).toThrow("did not end in order");
  });
});
