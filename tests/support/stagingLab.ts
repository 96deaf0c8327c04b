import type { CopyRecord } from "../../infra/operator/copy/record";
import { docker, runningContainers } from "./docker";
import { OdooClient } from "./odoo";
import { ReleaseLab } from "./releaseLab";
import type { StackValues } from "./project";
import { type ShellOptions, type ShellResult, succeeded } from "./shell";
import { until } from "./until";

/** A copy of a small database takes half a minute on two cores; several times that on a busy machine. */
const upSeconds = 290;

/** What tells of people, or opens doors, in production; none of it may be in a copy. */
export const secrets = {
  email: "ada.lovelace@analytical-engines.test",
  phone: "+44 20 7946 0123",
  iban: "GB33BUKB20201555555555",
  mailbox: "smtp-password-of-production",
  apiKey: "key-of-production",
  totp: "JBSWY3DPEHPK3PXP",
} as const;

/** A production environment with data, and a staging environment that is made from it. */
export class StagingLab {
  readonly url: string;
  /** Of staging; logged in by {@link login}. */
  odoo: OdooClient;

  private constructor(readonly production: ReleaseLab) {
    this.url = `http://staging.localhost:${production.project.httpPort}`;
    this.odoo = new OdooClient(this.url);
  }

  /** Brings production up and puts data into it. */
  static async open(values: StackValues = {}): Promise<StagingLab> {
    const lab = new StagingLab(await ReleaseLab.open(values));
    try {
      await lab.fill();
      lab.configure();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Removes everything, also after a failure. */
  close(): Promise<void> {
    return this.production.close();
  }

  /** Staging's stack. */
  get stack(): string {
    return `${this.production.project.name}-staging`;
  }

  /** Writes staging's configuration. */
  configure(restore: StackValues = {}, values: StackValues = {}): void {
    const { project } = this.production;
    project.write(this.stack, {
      kind: "environment",
      platform: project.platform,
      stage: "staging",
      domains: ["staging.localhost"],
      protectData: false,
      restore: { source: project.prod, ...restore },
      ...values,
    });
  }

  /** Runs `up` on staging. */
  up(options: ShellOptions = {}): Promise<ShellResult> {
    return this.production.project.cli(["up", this.stack], { timeoutSeconds: upSeconds, ...options });
  }

  /** Runs a command of the CLI on staging. */
  cli(args: readonly string[], options: ShellOptions = {}): Promise<ShellResult> {
    return this.production.project.cli([...args, "--stack", this.stack], { timeoutSeconds: upSeconds, ...options });
  }

  /** Makes staging anew, which has to succeed, and returns the record of its copy. */
  async refresh(options: ShellOptions = {}): Promise<CopyRecord> {
    const { stdout } = succeeded(await this.cli(["refresh-staging", "--yes", "--json"], options));
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as CopyRecord;
  }

  /** Logs in to staging with its own password. */
  async login(): Promise<void> {
    const { stdout } = succeeded(await this.production.project.cli(["password", this.stack, "--json"]));
    const { login, password } = JSON.parse(stdout) as { login: string; password: string };
    this.odoo = new OdooClient(this.url);
    await this.odoo.login(login, password);
  }

  /** The running container of a role of staging; with several, the newest. */
  container(role: string): Promise<string> {
    return until(`a container of staging runs as ${role}`, 60, async () => {
      const all = await runningContainers(this.stack);
      return all.find((container) => container.role === role)?.id;
    });
  }

  /** Asks staging's database; returns what psql prints, unaligned and without heads. */
  async sql(query: string): Promise<string> {
    const argv = ["exec", "--user", "postgres", await this.container("postgres")];
    return docker(...argv, "psql", "--dbname", "odoo", "-AtXc", query);
  }

  /** Rows of each table, of production or of staging. */
  async rowCounts(of: { sql(query: string): Promise<string> }): Promise<Map<string, number>> {
    const tables = (
      await of.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
      )
    ).split("\n");
    const counts = tables.map((table) => `SELECT '${table}', count(*) FROM "${table}"`).join(" UNION ALL ");
    const lines = (await of.sql(counts)).split("\n").filter(Boolean);
    return new Map(lines.map((line) => line.split("|")).map(([table = "", count]) => [table, Number(count)]));
  }

  /** Puts into production what a copy has to keep, and what it must not. */
  private async fill(): Promise<void> {
    const { production } = this;
    const { odoo } = production;
    const partner = await odoo.call<number>("res.partner", "create", [
      { name: "Ada Lovelace", email: secrets.email, phone: secrets.phone, street: "12 St James Square" },
    ]);
    await odoo.call("res.partner.bank", "create", [{ acc_number: secrets.iban, partner_id: partner }]);
    const order = await odoo.call<number>("sale.order", "create", [
      { partner_id: partner, delivery_note: "Ring twice." },
    ]);
    await odoo.call("sale.order", "message_post", [[order]], { body: `Call ${secrets.email} or ${secrets.phone}.` });
    const content = Buffer.from("The contract of an order, as it was signed.").toString("base64");
    await odoo.call("ir.attachment", "create", [
      { name: "contract.txt", datas: content, res_model: "sale.order", res_id: order },
    ]);
    await odoo.call("ir.mail_server", "create", [
      { name: "Production's", smtp_host: "smtp.example.com", smtp_user: "odoo", smtp_pass: secrets.mailbox },
    ]);
    await production.sql(
      `INSERT INTO res_users_apikeys (name, user_id, scope, index, key, create_date)
         SELECT 'key', 2, NULL, 'abcdefgh', '${secrets.apiKey}', now();
       UPDATE res_users SET totp_secret = '${secrets.totp}' WHERE id = 1;`,
    );
  }

  /** What production's data amounts to: any write changes it. */
  async productionChecksum(): Promise<string> {
    // Scheduled jobs and pages of Odoo write to others by themselves.
    const tables = ["res_partner", "res_partner_bank", "sale_order", "ir_mail_server", "res_users_apikeys"];
    const sums = tables.map((table) => `SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM ${table} t`);
    const files = "SELECT string_agg(checksum, '' ORDER BY id) FROM ir_attachment WHERE res_model = 'sale.order'";
    return this.production.sql([...sums, files].join(" UNION ALL "));
  }
}
