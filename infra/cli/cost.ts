import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../core/errors";
import { compare } from "../cost/compare";
import { estimate, total } from "../cost/estimate";
import { billed, currentResources, plannedResources, type Resources } from "../cost/state";
import { costLines, type StackCost } from "./costText";
import type { CommonOptions } from "./display";
import { findStacks } from "./stacks";
import { explain, explained, openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/** Options of `cost`. */
export interface CostOptions extends CommonOptions {
  /** The stack, where it is not the command's argument. */
  readonly stack?: string;
  /** Whether to ask Pulumi what an `up` would change. @default true */
  readonly preview?: boolean;
}

/**
 * Estimates what stacks cost a month at AWS's list prices, as they are and as an `up` would leave them. Asks AWS for no prices.
 * @param name A stack, or the beginning that several share.
 */
export async function cost(name: string | undefined, options: CostOptions): Promise<void> {
  const asked = name ?? options.stack;
  if (asked === undefined) {
    throw new UserError("Which stack?", [{ path: "stack", expected: "a stack, as an argument", found: "none" }]);
  }
  const stacks = findStacks(projectDir(), asked);
  const workspace = await prepareWorkspace((line) => console.error(line));
  const costs: StackCost[] = [];
  for (const { name: stack } of stacks) costs.push(await stackCost(workspace, stack, options.preview !== false));
  const [before, after] = [sum(costs, "before"), sum(costs, "after")];
  if (options.json) {
    console.log(JSON.stringify({ stacks: costs, before, after, difference: after - before, currency: "USD" }));
    return;
  }
  console.log(costs.map((one) => costLines(one).join("\n")).join("\n\n"));
  const several = costs.filter(({ rows }) => rows.length > 0).length > 1;
  if (several) console.log(`\nAll of them: ${before.toFixed(2)} USD a month now, ${after.toFixed(2)} USD afterwards.`);
}

const sum = (costs: readonly StackCost[], when: "before" | "after"): number =>
  costs.reduce((all, one) => all + one[when], 0);

async function stackCost(workspace: Workspace, name: string, preview: boolean): Promise<StackCost> {
  const stack = await openStack(workspace, name);
  const current = currentResources(await explained(name, () => stack.exportStack()));
  const planned = preview ? plannedResources(current, await previewEvents(stack, name)) : current;
  const region = await ownRegion(stack, [current, planned]);
  const [was, will] = [estimate(billed(current, region)), estimate(billed(planned, region))];
  return { stack: name, before: total(was), after: total(will), rows: compare(was, will) };
}

/** The region of the stack's own provider; asked for only where a resource does not say its own. */
async function ownRegion(stack: Stack, states: readonly Resources[]): Promise<string | undefined> {
  const unsaid = states.some((resources) => billed(resources, undefined).some(({ region }) => region === undefined));
  if (!unsaid) return undefined;
  const config = await stack.getAllConfig();
  return config["aws:region"]?.value ?? process.env.AWS_REGION;
}

/** What Pulumi tells of an `up` that it only looks at. */
async function previewEvents(stack: Stack, name: string): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  try {
    await stack.preview({ onEvent: (event) => void events.push(event) });
  } catch (error) {
    const errors = events.flatMap(({ diagnosticEvent: told }) => (told?.severity === "error" ? [told.message] : []));
    if (errors.length === 0) throw explain(error, name);
    throw new UserError(`What an \`up\` of ${name} would change can't be told.`, [
      {
        path: name,
        expected: "a preview without errors",
        found: errors.map((text) => text.replaceAll(/<\{%.*?%\}>/g, "").trim()).join("\n"),
        hint: `npx odoo-stacks cost ${name} --no-preview tells what it costs now`,
      },
    ]);
  }
  return events;
}
