/** What an `odoo.conf` is rendered from. */
export interface OdooConfSettings {
  /** Which container it is for: `web` answers requests, `cron` runs scheduled actions, `job` runs one command and ends. */
  readonly role: "web" | "cron" | "job";
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly name: string;
    readonly password: string;
  };
  /** Odoo's master password. */
  readonly adminPassword: string;
  readonly workers: number;
  readonly cronThreads: number;
  readonly dbMaxconn: number;
  readonly dbMaxconnGevent: number;
  readonly limitMemorySoftBytes: number;
  readonly limitMemoryHardBytes: number;
  readonly limitTimeCpuSeconds: number;
  readonly limitTimeRealSeconds: number;
  readonly limitTimeRealCronSeconds: number;
  readonly limitRequests: number;
  readonly logLevel: string;
  /** Further options, as in the key `odoo.options`. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

export declare function renderOdooConf(settings: OdooConfSettings): string;
export declare function refuseOdooOption(key: string): { expected: string; hint?: string } | undefined;
