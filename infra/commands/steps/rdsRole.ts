import { attempt, run } from "../../core/exec";
import { labels } from "../../core/labels";
import { scramVerifier } from "../../operator/move/scram";
import { literal } from "../../operator/psql";
import { runJob } from "../docker";
import type { StepModule } from "../step";
import { fetchTrust } from "./rdsTrust";

/** A role of a database on RDS, and the database that it owns. */
export interface RdsRoleInput {
  /** The Engine of a machine that reaches the instance, as `DOCKER_HOST` names it. */
  readonly dockerHost: string;
  readonly stack: string;
  /** ID of the postgres image. */
  readonly image: string;
  /** Where the certificate of the instance's authority is fetched. */
  readonly trust: string;
  readonly host: string;
  readonly port: number;
  /** The master user and its password; a secret. */
  readonly master: { readonly username: string; readonly password: string };
  readonly role: RoleWish;
  /** The role's password; a secret. ASCII. */
  readonly password: string;
}

/** What is to be there. */
export interface RoleWish {
  /** Name of the database that it owns. */
  readonly database: string;
  /**
   * Name of the database in the snapshot that the instance was made from: it gets the new name, and all other roles that could log
   * in no longer can. @default the instance began empty
   */
  readonly from?: string;
}

/** The role that Odoo connects as, as on servers of the platform's own. */
export const odooRole = "odoo";

/** Where the container keeps what it is told; in memory, and gone with it. */
const folder = "/secret";

/** The `postgres` user and group inside the image. */
const user = "999";

/**
 * What the container runs: its input is a line for PostgreSQL's password file, certificates, a line `.`, and SQL. Nothing secret is
 * an argument or a variable. `read` takes no more than its line, so that psql gets the rest.
 */
export const script = `umask 077
cd "$2"
IFS= read -r line && printf '%s\\n' "$line" >pgpass
while IFS= read -r line && [ "$line" != . ]; do printf '%s\\n' "$line"; done >trust.pem
exec psql -XAtq -v ON_ERROR_STOP=1 -d "$1"`;

/** Making a database and extensions takes seconds; an instance that is busy or starts again a few minutes. In seconds. */
const timeoutSeconds = 600;

/**
 * Makes the role that Odoo connects as and the database that it owns, or brings both to what they are to be. It removes nothing.
 * The password is not in what the server gets, which logs statements: only what it keeps of it.
 */
export const step: StepModule<RdsRoleInput, Record<string, never>> = {
  async apply(input, report, before) {
    const trust = await fetchTrust(input.trust);
    // What a snapshot brought along is taken over once: who is let in afterwards stays let in.
    const role = before ? { database: input.role.database } : input.role;
    const sql = roleSql(role, scramVerifier(input.password));
    report(`making the role ${odooRole} and the database ${input.role.database} on ${input.host}`);
    const env = { DOCKER_HOST: input.dockerHost };
    // Left by a run whose client was killed.
    await attempt(["docker", "rm", "--force", nameOf(input)], { env, timeoutSeconds: 60 });
    await run(argv(input), { env, input: [passwordLine(input), trust.trim(), ".", sql].join("\n"), timeoutSeconds });
    return {};
  },
  // Both go with the instance.
  remove: () => Promise.resolve(),
};

const nameOf = ({ stack }: Pick<RdsRoleInput, "stack">): string => `${stack}-rds-role`;

/** The container that psql runs in: without rights, and with nothing that outlives it. */
const argv = ({ image, stack, host, port, master }: RdsRoleInput): readonly string[] =>
  runJob({
    ...{ name: nameOf({ stack }), image, network: "bridge", volumes: [], labels: labels(stack, "job") },
    options: [
      ...["--entrypoint", "sh", "--user", `${user}:${user}`, "--read-only", "--cap-drop", "ALL"],
      ...["--tmpfs", `${folder}:mode=0700,uid=${user},gid=${user}`],
    ],
    command: ["-c", script, "sh", connection({ host, port, user: master.username }), folder],
  });

/** How libpq connects: only to the instance that it means, with a password from the file. */
export function connection(to: { readonly host: string; readonly port: number; readonly user: string }): string {
  const quoted = (value: string) => `'${value.replaceAll("\\", String.raw`\\`).replaceAll("'", String.raw`\'`)}'`;
  return Object.entries({
    ...{ host: to.host, port: String(to.port), user: to.user, dbname: "postgres" },
    ...{ sslmode: "verify-full", sslrootcert: `${folder}/trust.pem`, passfile: `${folder}/pgpass` },
    ...{ connect_timeout: "15", application_name: "odoo-stacks" },
  })
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(" ");
}

/** A line of a password file: https://www.postgresql.org/docs/17/libpq-pgpass.html */
export function passwordLine({ host, port, master }: Pick<RdsRoleInput, "host" | "port" | "master">): string {
  const escaped = (text: string) => text.replaceAll(/[\\:]/g, String.raw`\$&`);
  return [host, String(port), "*", master.username, master.password].map(escaped).join(":");
}

/**
 * The SQL that makes the role and its database, from whatever is there. Run by the master user, who is no superuser: it may only
 * set what it has itself, and has to be a member of a role to make something that it owns.
 * @param verifier What PostgreSQL keeps of the role's password.
 */
export function roleSql({ database, from }: RoleWish, verifier: string): string {
  const role = identifier(odooRole);
  const names = { database: literal(database), role: literal(odooRole) };
  return `SET client_min_messages = warning;
SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${names.role}) \\gexec
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = ${names.role} AND (rolsuper OR rolreplication OR rolbypassrls))
     OR EXISTS (SELECT FROM pg_roles WHERE rolname IN ('rds_superuser', 'rds_replication', 'rds_password')
                   AND pg_has_role(${names.role}, oid, 'MEMBER')) THEN
    RAISE 'the role ${odooRole} has rights beyond its own database: take them away first';
  END IF;
END $$;
GRANT ${role} TO CURRENT_USER;
ALTER ROLE ${role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD ${literal(verifier)};
${from === undefined ? "" : takeOverSql(from, names)}
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LOCALE_PROVIDER builtin BUILTIN_LOCALE %L',
              ${names.database}, ${names.role}, 'UTF8', 'C.UTF-8')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = ${names.database}) \\gexec
ALTER DATABASE ${identifier(database)} OWNER TO ${role};
REVOKE CONNECT, TEMPORARY ON DATABASE ${identifier(database)} FROM PUBLIC;
\\connect ${identifier(database)}
SET client_min_messages = warning;
\\i /opt/odoo-stacks/extensions.sql
`;
}

/**
 * Makes a restored instance this stack's own: nobody who could log in to the source can log in here, and the database has its name.
 * RDS's own roles (`rdsadmin` …) are not the master user's to change.
 */
function takeOverSql(from: string, names: { readonly database: string; readonly role: string }): string {
  return `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_database WHERE datname IN (${literal(from)}, ${names.database})) THEN
    RAISE 'the snapshot has no database named %', ${literal(from)};
  END IF;
END $$;
SELECT format('ALTER ROLE %I NOLOGIN', rolname) FROM pg_roles
 WHERE rolcanlogin AND rolname NOT IN (CURRENT_USER, ${names.role})
   AND (rolname !~ '^rds' OR pg_has_role(CURRENT_USER, oid, 'MEMBER WITH ADMIN OPTION')) \\gexec
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = ${literal(from)} AND pid <> pg_backend_pid() \\g /dev/null
SELECT format('ALTER DATABASE %I RENAME TO %I', ${literal(from)}, ${names.database})
 WHERE EXISTS (SELECT FROM pg_database WHERE datname = ${literal(from)})
   AND NOT EXISTS (SELECT FROM pg_database WHERE datname = ${names.database}) \\gexec
`;
}

/** A name as SQL and psql take it. */
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
