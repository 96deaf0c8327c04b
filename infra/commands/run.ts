import { text } from "node:stream/consumers";
import { UserError } from "../core/errors";
import type { StepModule } from "./step";

/**
 * Runs one step for a Command resource.
 * @param name A file in `steps/`.
 * @param operation What the resource is going through.
 */
export async function main(name: string, operation: "create" | "update" | "delete"): Promise<void> {
  try {
    const module = (await import(`./steps/${name}.ts`)) as { step: StepModule<unknown, unknown> };
    const input: unknown = JSON.parse(await text(process.stdin));
    const report = (line: string) => console.error(line);
    const previous = process.env.PULUMI_COMMAND_STDOUT;
    const before: unknown = previous ? JSON.parse(previous) : undefined;
    if (operation === "delete") await module.step.remove(input, report, before);
    else process.stdout.write(JSON.stringify(await module.step.apply(input, report, before)));
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
