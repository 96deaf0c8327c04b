import { Listr } from "listr2";
import { parsePlatform, type Platform } from "../config/platformOutput";
import { UserError } from "../core/errors";
import { type Report, silent } from "../core/report";
import { DockerEngine } from "../docker/engine";
import { ensureImage, type Image, transfer } from "../images";
import { OperatorClient, releasesVolume } from "../operator/client";
import type { FetchPlan } from "../operator/files/fetch";
import { isRemote } from "../ssh/machine";
import { managerEnv } from "../swarm/engines";
import { moveFilesVariable } from "../swarm/files";
import { placeOf, swarmNodes } from "../swarm/places";
import { confirm } from "./confirm";
import { runningContainer } from "./containers";
import { interruption, prepareAll, upStack } from "./deploy";
import { type CommonOptions, rendererOptions, Stopwatch, timed } from "./display";
import { findEnvironment, type Released, requireReleased } from "./environment";
import { placeText, plannedMove, type PlannedMove } from "./filesMove";
import { outcomeOf, outcomeLines, requireMovable } from "./filesMoveText";
import { makePlace } from "./filesPlace";
import { requireInSwarm } from "./platformMachines";
import { nextImage } from "./release";
import { failureOf } from "./releaseOutcome";
import { releasing } from "./releaseRun";
import type { StackFile } from "./stacks";
import { explained, openStack, prepareWorkspace, projectDir, type Workspace } from "./workspace";

/**
 * Moves an environment's files to where its platform and its file have them: first all of them while everybody goes on working,
 * then what is new, as a release whose web containers are at the new place. What is at the old place stays there.
 */
export async function moveFilestore(name: string, options: CommonOptions & { yes?: boolean }): Promise<void> {
  const file = findEnvironment(projectDir(), name);
  const report: Report = options.json ? silent : (line) => console.error(line);
  const workspace = await prepareWorkspace(report);
  const platform = await platformOf(workspace, file);
  const nodes = platform.target === "local" ? [] : await swarmNodes(managerEnv());
  const place = placeOf(file.name, nodes);
  if (platform.target !== "local" && place.files === undefined) throw notUp(file.name);
  const move = plannedMove(file, platform, place);
  if (!move) {
    console.log(options.json ? JSON.stringify({ stack: file.name, moved: false }) : nothingToDo(file.name));
    return;
  }
  const { old, web } = move;
  requireInSwarm(
    [old, ...web].map((machine) => machine.name),
    nodes,
    file.platform ?? "",
  );
  const image = await operatorEverywhere([old, ...web], report);
  const before = await ready(file, move, image);
  if (!options.yes) {
    const way = `from ${placeText(move.from, move.path)} to ${placeText(move.to, move.path)}`;
    const what = `This moves the files of ${file.name} ${way}; requests are held for some seconds at its end.`;
    await confirm({ what, command: `odoo-stacks move-filestore ${file.name} --yes` });
  }
  await carryOut(file, move, image, before, options);
}

const notUp = (stack: string): UserError =>
  new UserError(`${stack} has no files yet.`, [
    { path: stack, expected: "an environment that is up", found: "none", hint: `npx odoo-stacks up ${stack}` },
  ]);

const nothingToDo = (stack: string): string => `There is nothing to move: the files of ${stack} are where they belong.`;

/** What the environment's program is going to know of its platform. */
async function platformOf(workspace: Workspace, { platform: name = "" }: StackFile): Promise<Platform> {
  const own = name.split("/").at(-1) ?? name;
  const stack = await openStack(workspace, own);
  const outputs = await explained(own, () => stack.outputs());
  return parsePlatform(outputs.platform?.value, own);
}

/** Gives all machines that take part the operator's image, which is made on this one. */
async function operatorEverywhere(
  machines: readonly { readonly dockerHost: string }[],
  report: Report,
): Promise<Image> {
  const image = await ensureImage("operator", report);
  const hosts = new Set(machines.map(({ dockerHost }) => dockerHost).filter(isRemote));
  for (const host of hosts) await transfer(image, new DockerEngine(), new DockerEngine(host), report);
  return image;
}

/** What is known of the environment's releases, once nothing stands in the way of a move. */
async function ready(file: StackFile, { old }: PlannedMove, image: Image): Promise<Released> {
  const operator = clientAt(file, old.dockerHost, image);
  await operator.requireIdle();
  const released = await requireReleased({ file, operator });
  requireMovable(file.name, released, nextImage(file));
  await runningContainer(file.name, "odoo-web");
  return released;
}

const clientAt = (file: StackFile, dockerHost: string, { id }: Image): OperatorClient =>
  new OperatorClient(id, file.name, { dockerHost, hasPeers: true });

async function carryOut(
  file: StackFile,
  move: PlannedMove,
  image: Image,
  before: Released,
  options: CommonOptions,
): Promise<void> {
  const { name } = file;
  const { to, wanted, web } = move;
  const watch = new Stopwatch();
  const signal = interruption();
  const operator = clientAt(file, web[0].dockerHost, image);
  const plan: FetchPlan = { version: 1, stack: name, database: before.current.plan.database, wanted };
  const volumes = { filestore: to.volume, releases: releasesVolume(name) };
  const phase = { releasing: false };
  let workspace: Workspace;
  const tasks = [
    prepareAll([file], watch, (prepared) => void (workspace = prepared)),
    timed(watch, "Making the new place", (report) => makePlace(name, move, image.id, report)),
    timed(watch, `Bringing the files over, while ${name} goes on`, async (report) => {
      // Ctrl-C reaches it: without, the first process of a container is not ended by signals.
      const more = { options: ["--init"] };
      await operator.run(volumes, ["fetch-files", JSON.stringify(plan)], report, more).catch((error: unknown) => {
        throw error instanceof UserError ? error : notBrought(name, to.machine, error);
      });
    }),
    releasing(watch, `Moving ${name} to ${placeText(to, move.path)}`, async (report) => {
      signal.throwIfAborted();
      phase.releasing = true;
      const env = { ...workspace.env, [moveFilesVariable]: name };
      await upStack({ ...workspace, env }, file, report, signal);
    }),
  ];
  const known = new Set(before.history.map(({ id }) => id));
  const made = async () => (await operator.overview())?.history.findLast(({ id }) => !known.has(id));
  try {
    await new Listr(tasks, rendererOptions(options)).run();
  } catch (error) {
    // What fails before says so itself.
    if (!phase.releasing) throw error;
    throw failureOf(error, { stack: name, release: await made().catch(() => undefined), seconds: watch.all() });
  }
  const record = await made();
  if (!record?.files) throw notMoved(name);
  const outcome = outcomeOf(name, record, record.files, watch.all());
  if (options.json) console.log(JSON.stringify(outcome));
  else console.log(`\n${outcomeLines(outcome, move.path).join("\n")}`);
}

const notBrought = (stack: string, machine: string, error: unknown): UserError =>
  new UserError(`The files of ${stack} could not be brought over. They are where they were.`, [
    {
      path: `operator on ${machine}`,
      expected: "an end without errors",
      found: (error instanceof Error ? error.message : String(error)).split("\n").join("\n              "),
      hint: "Run the same command again when that is put right: what has come stays.",
    },
  ]);

const notMoved = (stack: string): UserError =>
  new UserError(`The files of ${stack} are where they were.`, [
    {
      path: `release of ${stack}`,
      expected: "one that moves the files",
      found: "none, although the command ended without an error",
      hint: `npx odoo-stacks history -s ${stack}`,
    },
  ]);
