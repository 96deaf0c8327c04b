import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  connection,
  passwordLine,
  type RdsRoleInput,
  roleSql,
  script,
  step,
} from "../../../infra/commands/steps/rdsRole";
import { rdsTrust } from "../../../infra/config/aws/trust";
import { silent } from "../../../infra/core/report";
import { folderWith } from "../../support/folders";

const input: RdsRoleInput = {
  ...{ dockerHost: "ssh://root@10.0.0.10:22", stack: "acme-prod", image: "sha256:1", trust: "https://trust.example/" },
  ...{ host: "acme.example.amazonaws.com", port: 5432, master: { username: "boss", password: "master-secret" } },
  ...{ role: { database: "acme" }, password: "app-secret" },
};
const certificates = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** A folder with programs that stand in for others, before the system's own. */
function withPrograms(programs: Readonly<Record<string, string>>): { folder: string; path: string } {
  const folder = folderWith({});
  mkdirSync(join(folder, "bin"));
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  return { folder, path: [join(folder, "bin"), process.env.PATH].join(delimiter) };
}

describe("what the container runs", () => {
  it("takes its input apart: password file, certificates, and SQL for psql", () => {
    const { folder, path } = withPrograms({ psql: 'printf "%s\\n" "$@" >args; cat >sql' });
    const secret = join(folder, "secret");
    mkdirSync(secret);
    const sql = "SELECT 1;\n.\n\\connect x\n";
    execFileSync("sh", ["-c", script, "sh", "host='h'", secret], {
      input: ["h:5432:*:boss:a\\:b\\\\c d", certificates.trim(), ".", sql].join("\n"),
      env: { PATH: path },
    });
    expect(readFileSync(join(secret, "pgpass"), "utf8")).toBe("h:5432:*:boss:a\\:b\\\\c d\n");
    expect(statSync(join(secret, "pgpass")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(secret, "trust.pem"), "utf8")).toBe(certificates);
    expect(readFileSync(join(secret, "sql"), "utf8")).toBe(sql);
    expect(readFileSync(join(secret, "args"), "utf8")).toBe("-XAtq\n-v\nON_ERROR_STOP=1\n-d\nhost='h'\n");
  });

  it("is given no secret but on its standard input", () => {
    expect(script).not.toMatch(/PGPASSWORD|password/i);
  });
});

describe("the connection", () => {
  it("is one to the instance that it means, or none", () => {
    const text = connection({ host: "acme.example.amazonaws.com", port: 5432, user: "boss" });
    expect(text).toContain("sslmode='verify-full'");
    expect(text).toContain("sslrootcert='/secret/trust.pem'");
    expect(text).toContain("passfile='/secret/pgpass'");
  });

  it("quotes what is in a value", () => {
    expect(connection({ host: "h", port: 1, user: "it's \\ x" })).toContain(String.raw`user='it\'s \\ x'`);
  });

  it("finds the password whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (password) => {
        const line = passwordLine({ host: "h", port: 1, master: { username: "u", password } });
        expect(line.startsWith("h:1:*:u:")).toBe(true);
        // As libpq reads it: a backslash takes the next character as it is.
        expect(line.slice("h:1:*:u:".length).replaceAll(/\\([\s\S])/g, "$1")).toBe(password);
      }),
    );
  });
});

describe("the SQL", () => {
  const verifier = "SCRAM-SHA-256$4096:salt$stored:server";

  it("makes a role that may log in, and do nothing beyond its database", () => {
    const sql = roleSql({ database: "acme" }, verifier);
    expect(sql).toContain(`ALTER ROLE "odoo" LOGIN NOCREATEDB NOCREATEROLE PASSWORD E'${verifier}';`);
    expect(sql).toContain('ALTER DATABASE "acme" OWNER TO "odoo";');
    expect(sql).toContain('REVOKE CONNECT, TEMPORARY ON DATABASE "acme" FROM PUBLIC;');
    expect(sql).toContain("has rights beyond its own database");
    expect(sql).not.toMatch(/SUPERUSER(?!')|GRANT rds/);
  });

  it("makes the database as servers of the platform's own have it, with what Odoo needs", () => {
    const sql = roleSql({ database: "acme" }, verifier);
    expect(sql).toContain("TEMPLATE template0 ENCODING %L LOCALE_PROVIDER builtin BUILTIN_LOCALE %L");
    expect(sql.indexOf('\\connect "acme"')).toBeLessThan(sql.indexOf("\\i /opt/odoo-stacks/extensions.sql"));
  });

  it("leaves other roles alone, unless it takes a snapshot over", () => {
    expect(roleSql({ database: "acme" }, verifier)).not.toContain("NOLOGIN");
    const sql = roleSql({ database: "acme-staging", from: "acme-prod" }, verifier);
    expect(sql).toContain("ALTER ROLE %I NOLOGIN");
    expect(sql).toContain("ALTER DATABASE %I RENAME TO %I', E'acme-prod', E'acme-staging'");
    expect(sql).toContain("the snapshot has no database named");
    // Nobody can log in any more when the database gets its new name.
    expect(sql.indexOf("NOLOGIN")).toBeLessThan(sql.indexOf("RENAME"));
    expect(sql.indexOf("RENAME")).toBeLessThan(sql.indexOf("CREATE DATABASE"));
  });

  it("keeps names together, whatever is in them", () => {
    const name = `a"; DROP DATABASE x; --'\\`;
    const sql = roleSql({ database: name, from: name }, verifier);
    const quoted = `"a""; DROP DATABASE x; --'\\"`;
    const literal = `E'a"; DROP DATABASE x; --''\\\\'`;
    const rest = sql.replaceAll(quoted, "").replaceAll(literal, "");
    expect(rest).not.toContain("DROP");
  });
});

describe("the step", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
  });

  it("runs psql on the machine, with secrets on standard input alone", async () => {
    const { folder, path } = withPrograms({
      docker: `printf '%s\\n' "$DOCKER_HOST" "$@" >>"$CALLS/args"; [ "$1" = rm ] || cat >"$CALLS/input"`,
    });
    vi.stubEnv("PATH", path);
    vi.stubEnv("CALLS", folder);
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(certificates)));
    await expect(step.apply(input, silent, undefined)).resolves.toEqual({});
    const args = readFileSync(join(folder, "args"), "utf8");
    const sent = readFileSync(join(folder, "input"), "utf8");
    for (const secret of ["master-secret", "app-secret"]) expect(args).not.toContain(secret);
    expect(args).toContain("ssh://root@10.0.0.10:22");
    for (const option of ["--read-only", "--cap-drop\nALL", "--tmpfs\n/secret:mode=0700,uid=999,gid=999", "--rm"]) {
      expect(args).toContain(option);
    }
    expect(sent.split("\n")[0]).toBe("acme.example.amazonaws.com:5432:*:boss:master-secret");
    expect(sent).toContain(certificates);
    // The server logs statements: it gets what it keeps of the password.
    expect(sent).not.toContain("app-secret");
    expect(sent).toMatch(/PASSWORD E'SCRAM-SHA-256\$4096:/);
  });

  it("takes a snapshot over once", async () => {
    const { folder, path } = withPrograms({ docker: '[ "$1" = rm ] || cat >"$CALLS/input"' });
    vi.stubEnv("PATH", path);
    vi.stubEnv("CALLS", folder);
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(certificates)));
    const restored = { ...input, role: { database: "acme", from: "acme-prod" } };
    await step.apply(restored, silent, undefined);
    expect(readFileSync(join(folder, "input"), "utf8")).toContain("NOLOGIN");
    await step.apply(restored, silent, {});
    expect(readFileSync(join(folder, "input"), "utf8")).not.toContain("NOLOGIN");
  });

  it("does nothing where it can't tell the instance from another one", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("moved", { status: 404 })));
    await expect(step.apply(input, silent, undefined)).rejects.toThrow(/can't be reached safely[\s\S]*status 404/);
    vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
    await expect(step.apply(input, silent, undefined)).rejects.toThrow(/no network/);
  });
});

describe("where the certificates are", () => {
  it.each([
    ["eu-central-1", "https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem"],
    ["us-gov-west-1", "https://truststore.pki.us-gov-west-1.rds.amazonaws.com/us-gov-west-1/us-gov-west-1-bundle.pem"],
  ])("of %s", (region, address) => {
    expect(rdsTrust(region)).toBe(address);
  });
});
