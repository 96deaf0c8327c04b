import { UserError } from "../core/errors";
import type { Report } from "../core/report";
import { connect } from "../ssh/connect";
import { MachineDown } from "../ssh/failure";
import type { Machine } from "../ssh/machine";
import { managerEnv } from "../swarm/engines";
import type { LastPlace } from "../swarm/knownVolumes";
import { downIn, type Place, placeOf, swarmNodes } from "../swarm/places";
import { confirm } from "./confirm";
import type { CommonOptions } from "./display";
import { findEnvironment } from "./environment";
import { forgetVolumes, lastPlaceIn, readState, volumesKnownOn } from "./forgetVolumes";
import { clearStaleLock } from "./locks";
import { ownMachines } from "./platformMachines";
import { openStack, prepareWorkspace, projectDir } from "./workspace";

/**
 * Has Pulumi forget the volumes of an environment on a machine that is lost, or that its platform does not have any more. Nothing is
 * deleted there.
 * @param name The environment.
 * @param machine The machine, as the platform's file calls it, or has called it.
 */
export async function letGoLost(
  name: string,
  machine: string,
  options: CommonOptions & { readonly yes?: boolean },
): Promise<void> {
  const report: Report = (line) => console.error(line);
  const file = findEnvironment(projectDir(), name);
  const { name: stack, platform = "" } = file;
  const [manager, ...others] = ownMachines(file);
  const nodes = await swarmNodes(managerEnv());
  const listed = others.find((one) => one.name === machine);
  if (listed && !downIn(nodes).includes(machine)) await requireDown(listed, stack);

  const workspace = await prepareWorkspace(report);
  clearStaleLock(workspace, stack, report);
  const opened = await openStack(workspace, stack);
  const state = await readState(opened, stack);
  const volumes = volumesKnownOn(stack, machine, state.resources);
  if (volumes.length === 0) throw nothingKnown(stack, machine, manager.name);
  requireUnused({ stack, platform, machine }, placeOf(stack, nodes), lastPlaceIn(stack, state.resources));
  if (!options.yes) {
    await confirm({
      what: `This has Pulumi forget what ${stack} has on ${machine}: ${volumes.join(", ")}. Nothing is deleted there.`,
      name: stack,
      command: `odoo-stacks let-go ${stack} ${machine} --lost --yes`,
    });
  }
  await forgetVolumes(opened, state, volumes);
  if (options.json) console.log(JSON.stringify({ stack, machine, forgotten: volumes }));
  else console.log(`Pulumi has forgotten ${volumes.join(", ")}. On ${machine} itself nothing was deleted.`);
}

/** @throws UserError when the machine answers: then its volumes can be removed, and more than Pulumi's state is to be put right. */
async function requireDown(machine: Machine, stack: string): Promise<void> {
  try {
    await connect(machine);
  } catch (error) {
    if (error instanceof MachineDown) return;
    throw error;
  }
  throw new UserError(`${machine.name} is not lost.`, [
    {
      path: "--lost",
      expected: "a machine that does not answer, or that the platform's file does not list any more",
      found: `${machine.name}, which answers`,
      hint: `npx odoo-stacks let-go ${stack} ${machine.name} removes what was left behind there`,
    },
  ]);
}

/**
 * Makes sure that a machine has no data of an environment that is in use.
 * @param place Where the Swarm's marks say that the data is.
 * @param last Where it was at the last `up`; it counts where there is no mark.
 */
export function requireUnused(
  { stack, platform, machine }: { readonly stack: string; readonly platform: string; readonly machine: string },
  place: Place,
  last?: LastPlace,
): void {
  const refuse = (found: string, hint: string) =>
    new UserError(`What ${stack} has on ${machine} is in use.`, [
      { path: machine, expected: `a machine without data of ${stack} that is in use`, found, hint },
    ]);
  const isMarked = place.files === machine;
  if (isMarked && place.shared) {
    throw refuse(
      `the one that carries out its releases, with their records`,
      `Take it out of ${platform}'s file, and npx odoo-stacks up ${platform}; then again`,
    );
  }
  const hasFiles = isMarked || (place.files === undefined && last?.files === machine && !last.shared);
  const hasDatabase = place.onRds !== true && (place.database ?? last?.database) === machine;
  if (!hasFiles && !hasDatabase) return;
  throw refuse(
    `its ${[...(hasDatabase ? ["database"] : []), ...(hasFiles ? ["files"] : [])].join(" and ")}, which are nowhere else`,
    `Bring ${machine} back. If that can't be: npx odoo-stacks destroy ${stack} gives it up, and up makes it anew, empty`,
  );
}

const nothingKnown = (stack: string, machine: string, manager: string): UserError =>
  new UserError(`Pulumi knows of nothing that ${stack} has on ${machine}.`, [
    {
      path: machine,
      expected: "a machine, other than the manager, with volumes in the environment's state",
      found: machine === manager ? "the manager" : "one without",
    },
  ]);
