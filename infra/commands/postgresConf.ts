import type { PostgresSizing } from "../config/sizing";

/** What a `postgresql.conf` is rendered from. */
export interface PostgresConfSettings {
  readonly sizing: PostgresSizing;
  /** Further settings, as in the key `database.settings`; they win over the derived ones. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

export declare function renderPostgresConf(settings: PostgresConfSettings): string;
export declare function refusePostgresSetting(key: string): { expected: string; hint?: string } | undefined;
