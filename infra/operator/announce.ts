import type { Report } from "../core/report";
import { literal, psql } from "./psql";

/** A message that Odoo shows in a corner of the page. */
export interface Announcement {
  readonly title: string;
  /** Plain text: Odoo shows characters such as `<` as they are. */
  readonly message: string;
  /** Whether it stays until it is closed; otherwise it goes after a few seconds. @default false */
  readonly sticky?: boolean;
  /** Its colour. @default "warning" */
  readonly type?: "info" | "success" | "warning" | "danger";
}

/** Room that an announcement may take; a release must not wait for it. In seconds. */
const timeoutSeconds = 10;

/**
 * Shows a message to everyone who works in Odoo at the moment, in every page that they have open. Does nothing where Odoo's
 * bus is not installed, and never fails: a release goes on without.
 * @param postgres The running postgres container.
 * @param database The database's name.
 * @param announcement What is shown.
 * @param report Is told when it could not be sent.
 * @returns whether it was sent.
 */
export async function announce(
  postgres: string,
  database: string,
  announcement: Announcement,
  report: Report,
): Promise<boolean> {
  try {
    return (await psql(postgres, database, announcementSql(announcement), timeoutSeconds)).trim() === "sent";
  } catch (error) {
    report(`Users could not be told: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/**
 * What Odoo's `bus.bus` does to send a message (addons/bus/models/bus.py of Odoo 19): a row in the database, then a notice
 * over the database `postgres`, where the websocket processes listen. The channel is the group of internal users, which the
 * websocket of each of them follows (ir_websocket.py).
 */
export function announcementSql({ title, message, sticky = false, type = "warning" }: Announcement): string {
  const payload = { type: "simple_notification", payload: { title, message, sticky, type } };
  return String.raw`
SELECT to_regclass('bus_bus') IS NOT NULL AS there \gset
\if :there
SELECT format('[%s,"res.groups",%s]', to_json(current_database()), res_id) AS channel
  FROM ir_model_data WHERE module = 'base' AND name = 'group_user' \gset
INSERT INTO bus_bus (channel, message, create_uid, create_date, write_uid, write_date)
  VALUES (:'channel', ${literal(JSON.stringify(payload))}, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC');
\connect postgres
SELECT pg_notify('imbus', '[' || :'channel' || ']') \g /dev/null
\echo sent
\endif
`;
}
