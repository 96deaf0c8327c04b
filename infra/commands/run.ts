import { text } from "node:stream/consumers";
import type { StepModule } from "./step";

/**
 * Runs one step for a Command resource.
 * @param step What the step's file in `steps/` exports.
 * @param operation What the resource is going through.
 */
export async function main(
  step: StepModule<unknown, unknown>,
  operation: "create" | "update" | "delete",
): Promise<void> {
  try {
    const input: unknown = JSON.parse(await text(process.stdin));
    const report = (line: string) => console.error(line);
    const previous = process.env.PULUMI_COMMAND_STDOUT;
    const before: unknown = previous ? JSON.parse(previous) : undefined;
    if (operation === "delete") await step.remove(input, report, before);
    else process.stdout.write(JSON.stringify(await step.apply(input, report, before)));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
