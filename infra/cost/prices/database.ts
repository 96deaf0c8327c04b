import { derived, type Prices } from "./table";

/**
 * USD an hour of RDS for PostgreSQL in one zone; in two it is twice as much. Those of us-east-1 are AWS's; of eu-central-1 those
 * up to db.t4g.medium were compared with its price list of September 2026. The rest are derived: AWS's own were not at hand.
 */
export const databaseHour = {
  source: "https://aws.amazon.com/rds/postgresql/pricing/",
  asOf: { "us-east-1": "2026", "eu-central-1": "2026-09", "eu-west-1": "2026" },
  usd: {
    "db.t3.micro": [0.018, derived(0.0208), derived(0.0197)],
    "db.t3.small": [0.036, derived(0.0415), derived(0.0395)],
    "db.t3.medium": [0.072, derived(0.0831), derived(0.0789)],
    "db.t3.large": [0.145, derived(0.1673), derived(0.1589)],
    "db.t4g.micro": [0.016, 0.019, derived(0.0175)],
    "db.t4g.small": [0.032, 0.037, derived(0.035)],
    "db.t4g.medium": [0.065, 0.075, derived(0.0712)],
    "db.t4g.large": [0.129, derived(0.1474), derived(0.1413)],
    "db.t4g.xlarge": [0.258, derived(0.2949), derived(0.2826)],
    "db.t4g.2xlarge": [0.517, derived(0.5909), derived(0.5662)],
    "db.m7g.large": [0.168, derived(0.2014), derived(0.1874)],
    "db.m7g.xlarge": [0.337, derived(0.4037), derived(0.3756)],
    "db.m7g.2xlarge": [0.674, derived(0.8074), derived(0.7512)],
    "db.m7g.4xlarge": [1.348, derived(1.615), derived(1.5025)],
    "db.r7g.large": [0.239, derived(0.2883), derived(0.2676)],
    "db.r7g.xlarge": [0.478, derived(0.5766), derived(0.5349)],
    "db.r7g.2xlarge": [0.956, derived(1.1533), derived(1.0698)],
    "db.r7g.4xlarge": [1.912, derived(2.3066), derived(2.1396)],
  },
} as const satisfies Prices;

/** USD a GB and month of RDS's gp3 storage in one zone; in two it is twice as much. */
export const databaseStorage = {
  source: "https://aws.amazon.com/rds/postgresql/pricing/",
  asOf: { "us-east-1": "2026-06", "eu-central-1": "2026-09", "eu-west-1": "2025" },
  usd: { gp3: [0.115, 0.137, 0.127], backup: [0.095, 0.103, 0.095] },
} as const satisfies Prices;
