/** One thing in which a copy differs from the environment that it is made from. */
export interface Difference {
  /** What differs; configuration keys in backticks. */
  readonly what: string;
  /** Why it has to. */
  readonly why: string;
}

/** All in which a copy differs from the environment that it is made from, on purpose; all else is the same. */
export function differences(): Difference[] {
  return [
    {
      what: "Size: `odoo.workers`, `odoo.cronThreads`, `odoo.dbMaxconn`, `odoo.memory`, `database.memory`, `database.maxConnections` and what PostgreSQL derives from its memory",
      why: "They follow from the environment's own share of the machine.",
    },
    {
      what: "Secrets: the passwords of the database, of Odoo's master account and of the users, API keys, tokens, sessions",
      why: "Whoever gets into the copy must not get into the source. Named testers keep their passwords.",
    },
    {
      what: "Addresses: `domains`, `tls`, Odoo's `web.base.url`, the database's name and identity",
      why: "Links in the copy must lead to the copy.",
    },
    {
      what: "Network and volumes: its own, without a way to the source's database",
      why: "Nothing that happens in the copy may reach the source.",
    },
    {
      what: "Scheduled jobs, outgoing and incoming mail, payments, webhooks and bought services: switched off; mail goes to the catcher (`mail`)",
      why: "The copy must not act on customers, suppliers or banks.",
    },
    { what: "Personal data: replaced, as `restore.obfuscate` says", why: "More people have access to a copy." },
    {
      what: "Releases and restarts: `release`, `restart`, `mount`, `odoo.dev`",
      why: "A copy is where the next version is tried.",
    },
    {
      what: "Keeping: `logs`, `protectData`, `expiresAfter`",
      why: "How long data and logs must last is not the same for a copy; `odoo.logLevel` is.",
    },
  ];
}
