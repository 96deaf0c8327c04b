import { UserError } from "../core/errors";
import type { CommonOptions } from "./display";
import { openEnvironment } from "./environment";
import { plannedUpdate, tellUsers } from "./planned";
import { parseTime } from "./plannedTime";

/** Tells all users of an environment who are logged in what is planned, when, and what to expect of it. */
export async function announce(options: CommonOptions & { stack: string; at: string; impact: string }): Promise<void> {
  const at = parseTime(options.at, new Date());
  const problems: string[] = [];
  const environment = await openEnvironment(options.stack, (line) => console.error(line));
  const stack = environment.file.name;
  const message = plannedUpdate(at, options.impact);
  const sent = await tellUsers(environment, message, (line) => problems.push(line));
  if (!sent) {
    throw new UserError(`The users of ${stack} could not be told.`, [
      {
        path: stack,
        expected: "an Odoo with the module bus, which comes with web",
        found: problems.join("; ") || "none",
      },
    ]);
  }
  if (options.json) console.log(JSON.stringify({ stack, at: at.toISOString(), message }));
  else console.log(`Everyone who works in ${stack} now reads: Update planned: ${message}`);
}
