import type { Overview } from "../operator/show";
import { localTime } from "./table";

/** An environment's maintenance in a few words: since when and by whom, what users read, who is let through. */
export function maintenanceText({ since, author, message, allow }: NonNullable<Overview["maintenance"]>): string {
  const words = message ? `, "${message}"` : "";
  const through = allow.length > 0 ? `let through: ${allow.join(", ")}` : "nobody is let through";
  return `since ${localTime(since)} by ${author.user}@${author.host}${words}; ${through}`;
}
