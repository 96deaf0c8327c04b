import { Project } from "../support/project";
import { FreshMachine } from "../support/freshMachine";
import { progress, type ShellResult } from "../support/shell";
import { figure, median, table } from "./figures";

/** What issue and design ask for on two cores, in seconds. */
const targets = { warm: 45, cold: 600 };

function expectSuccess(what: string, result: ShellResult): ShellResult {
  if (result.exitCode !== 0) throw new Error(`${what} ended with exit code ${result.exitCode}:\n${result.all}`);
  return result;
}

/**
 * How long `npm start` takes: warm (everything cached, nothing of it running) and cold (a machine with Node, git and Docker
 * Engine, and nothing else: no packages, engine, plugins, images or compiler). Both with the stacks that the project ships,
 * under names and ports of their own.
 * @param quick Measures warm once and cold not at all.
 */
export async function benchStart(quick: boolean): Promise<void> {
  const warm = await measureWarm(quick ? 1 : 3);
  const cold = quick ? undefined : await measureCold();
  console.log();
  console.log(
    table([
      ...warm.map((seconds, index) => ({ what: `warm, run ${index + 1}`, seconds })),
      { what: "warm, median", seconds: median(warm), target: targets.warm },
      { what: "cold, one run", seconds: cold, target: targets.cold },
    ]),
  );
  console.log(`bench start: cold=${figure(cold)} warm=${figure(median(warm))}`);
}

async function measureWarm(runs: number): Promise<number[]> {
  const project = await Project.linked();
  const start = async () =>
    expectSuccess("npm start", await project.npm(["start"], { timeoutSeconds: 1800, onLine: progress }));
  const destroy = async () => expectSuccess("npm run destroy", await project.npm(["run", "destroy", "--", "--yes"]));
  const measured: number[] = [];
  try {
    project.useTrialStacks();
    console.log("warm: a first run, which does not count unless all it needs is cached already");
    const first = await start();
    if (wasWarm(first)) measured.push(first.seconds);
    while (measured.length < runs) {
      await destroy();
      console.log(`warm: run ${measured.length + 1} of ${runs}`);
      measured.push((await start()).seconds);
    }
    return measured;
  } finally {
    await project.remove();
  }
}

/** Whether a start found everything cached: nothing was installed or built, and the database came from a seed. */
function wasWarm({ all }: ShellResult): boolean {
  return all.includes("Using what was installed before") && !/\bbuilding\b|Installing the project's packages/.test(all);
}

async function measureCold(): Promise<number> {
  console.log("cold: a machine of its own, with empty caches");
  const machine = await FreshMachine.start();
  try {
    const project = await Project.cloned(machine.env);
    const result = await machine.run(["npm", "start"], {
      cwd: project.dir,
      env: project.env,
      timeoutSeconds: 3600,
      onLine: progress,
    });
    project.forget();
    return expectSuccess("npm start", result).seconds;
  } finally {
    await machine.stop();
  }
}
