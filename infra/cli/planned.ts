import type { Report } from "../core/report";
import { announce } from "../operator/announce";
import { databaseContainer } from "./containers";
import { type Environment, requireReleased } from "./environment";
import { announcementTimes, countdown, localTimeWithZone, waitFor } from "./plannedTime";

/** What users are told of a release to come, unless somebody knows better. */
const usualImpact = "A short wait is possible. Nothing that you have saved is lost.";

/** What users are told of something planned. */
export const plannedUpdate = (at: Date, impact = usualImpact): string => `${localTimeWithZone(at)}. ${impact}`;

/**
 * Shows all users of an environment who are logged in what is planned, until they close it. Best effort.
 * @returns whether it could be shown; if not, the report says why.
 */
export async function tellUsers(environment: Environment, message: string, report: Report): Promise<boolean> {
  const { current } = await requireReleased(environment);
  const { id } = await databaseContainer(environment.file.name);
  return announce(id, current.plan.database, { title: "Update planned", message, sticky: true }, report);
}

/** Tells users of something planned, at once and again shortly before, and waits for its time. */
export async function tellAndWait(
  environment: Environment,
  message: string,
  at: Date,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const wait = (until: Date) => waitFor(until, () => report(countdown((at.getTime() - Date.now()) / 1000)), signal);
  for (const time of announcementTimes(at, new Date())) {
    await wait(time);
    await tellUsers(environment, message, report);
  }
  await wait(at);
}
