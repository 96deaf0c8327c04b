import { docker, removeNamed } from "../docker";
import { must, sh } from "../shell";
import { until } from "../until";
import type { Certificates } from "./authority";

/** The user that makes roles and databases on RDS. */
const master = "odoo_stacks_admin";

/** Makes a cluster, and serves it on one address, over TLS alone. Its data is in the container's own layer. */
const serve = `set -e
cluster=/var/lib/postgresql/cluster
if [ ! -f $cluster/PG_VERSION ]; then
  initdb --pgdata $cluster --username rdsadmin --auth trust --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 >/dev/null
  printf 'local all all trust\\nhostssl all all all scram-sha-256\\n' >$cluster/pg_hba.conf
fi
printf '%s' "$CERTIFICATE" >$cluster/server.pem
(umask 077; printf '%s' "$KEY" >$cluster/server.key)
exec postgres -D $cluster -c listen_addresses="$ADDRESS" -c unix_socket_directories=/tmp -c ssl=on \\
  -c ssl_cert_file=server.pem -c ssl_key_file=server.key -c fsync=off -c shared_buffers=64MB`;

/** What RDS has in an instance when it is new: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html */
const asRds = `
CREATE ROLE rds_superuser NOLOGIN; CREATE ROLE rds_replication NOLOGIN; CREATE ROLE rds_password NOLOGIN;
GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION;
GRANT SET ON PARAMETER session_replication_role TO rds_superuser WITH GRANT OPTION;
CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB IN ROLE rds_superuser;`;

/**
 * A PostgreSQL 17 in the place of an instance on RDS, in a container: its master user is no superuser, and it takes connections over TLS
 * alone, with a certificate for its address. What RDS does beside that (backups, standbys, its parameters) it does not.
 */
export class StandIn {
  /**
   * @param name Of its container.
   * @param address An address of this machine that nobody else uses.
   */
  constructor(
    readonly name: string,
    readonly address: string,
  ) {}

  /** Makes it, empty, or from an image that {@link snapshot} made. */
  async start(image: string, certificates: Certificates): Promise<void> {
    await must(["ip", "address", "replace", `${this.address}/32`, "dev", "lo"]);
    await must(
      [
        ...["docker", "run", "--detach", "--name", this.name, "--network", "host", "--user", "postgres"],
        ...["--env", "CERTIFICATE", "--env", "KEY", "--env", `ADDRESS=${this.address}`],
        ...["--entrypoint", "bash", image, "-c", serve],
      ],
      { env: { ...process.env, CERTIFICATE: certificates.server, KEY: certificates.key } },
    );
    await until(`${this.name} to answer`, 60, async () => (await this.ask("SELECT 1")).exitCode === 0);
    const { stdout } = await this.ask(`SELECT count(*) FROM pg_roles WHERE rolname = '${master}'`);
    if (stdout.trim() === "0") await this.sql(asRds);
  }

  /** Gives the master user its password, as RDS does when it makes an instance. */
  setPassword(password: string): Promise<string> {
    return this.sql(`ALTER ROLE ${master} PASSWORD '${password}'`);
  }

  /** Runs SQL as RDS itself, and returns what it prints, unaligned and without heads. */
  async sql(query: string, database = "postgres"): Promise<string> {
    const { exitCode, stdout, all } = await this.ask(query, database);
    if (exitCode !== 0) throw new Error(all);
    return stdout.trim();
  }

  /** Keeps what is in it now as an image of a name. */
  snapshot(image: string): Promise<string> {
    return docker("commit", this.name, image);
  }

  /** Removes it and its address. */
  async remove(): Promise<void> {
    await removeNamed(this.name);
    await sh(["ip", "address", "delete", `${this.address}/32`, "dev", "lo"]);
  }

  private ask(query: string, database = "postgres") {
    const psql = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "/tmp", "-U", "rdsadmin", "-d", database];
    return sh(["docker", "exec", "--interactive", this.name, ...psql], { input: query });
  }
}
