import type { Database } from "../database/database";
import type { OdooArgs } from "./odoo";

/** The network that jobs are on: the environment's own, which has no way out, or where that is needed, the one that has. */
export const jobNetwork = ({ database, network, platform }: Pick<OdooArgs, "database" | "network" | "platform">) =>
  database.trust ? platform.network.edge.name : network.name;

/** How a database is connected to, but for where it is, as psycopg2 takes it. */
export function connection(database: Database) {
  return { port: database.port, user: database.role, dbname: database.name };
}
