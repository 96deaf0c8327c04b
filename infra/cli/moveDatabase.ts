import { Listr } from "listr2";
import { servicesWithLabels } from "../commands/docker";
import { UserError } from "../core/errors";
import { addedVariables, run } from "../core/exec";
import { labels } from "../core/labels";
import type { Report } from "../core/report";
import { formatSize } from "../core/units";
import { DockerEngine } from "../docker/engine";
import { ensureImage, type Image, transfer } from "../images";
import { author } from "../operator/author";
import { newId } from "../operator/client";
import type { MovePlan, MoveRecord } from "../operator/move/plan";
import { dockerHostOf } from "../ssh/machine";
import { onManager } from "../swarm/engines";
import { placeOf } from "../swarm/places";
import { confirm } from "./confirm";
import { type CommonOptions, elapsed, rendererOptions, Stopwatch, timed } from "./display";
import { type Environment, findEnvironment, openEnvironment, requireReleased } from "./environment";
import type { ListedMachine } from "./listedMachines";
import { moveToRds, nowhereToMove } from "./moveToRds";
import { databaseBelongsOn, machineNamed, nodesWith, ownMachines } from "./platformMachines";
import { projectDir } from "./workspace";

/** What `move-database` is asked for. */
export interface MoveDatabaseOptions extends CommonOptions {
  /** The machine that it goes to. @default RDS, where the environment's file has an instance; else where the platform's file has it */
  readonly to?: string;
  /** Ask nothing. */
  readonly yes?: boolean;
}

/**
 * Moves an environment's database to RDS, or to another machine of its platform, the latter while people go on working. The operator does it, whatever
 * becomes of this process; asked again, it follows the move that is under way.
 */
export async function moveDatabase(name: string, options: MoveDatabaseOptions): Promise<void> {
  const file = findEnvironment(projectDir(), name);
  if (file.onRds && options.to !== undefined) throw nowhereToMove(file.name);
  if (file.onRds || (file.toRds && options.to === undefined)) return moveToRds(file, options);
  const machines = ownMachines(file);
  const to = options.to ? machineNamed(machines, options.to, "--to") : databaseBelongsOn(file.stage, machines);
  const { database: from } = placeOf(file.name, await nodesWith(to, file.platform ?? file.name));
  if (from === undefined) throw notUp(file.name);
  const environment = await openEnvironment(name, (line) => console.error(line));
  const follows = (await environment.operator.moveUnderWay())?.plan.to === to.name;
  if (from === to.name && !follows) {
    if (options.json) console.log(JSON.stringify({ stack: file.name, result: "unchanged", from, to: to.name }));
    else console.log(`There is nothing to move: the database of ${file.name} is on ${from}.`);
    return;
  }
  if (!follows && !options.yes) {
    await confirm({
      what: `This moves the database of ${file.name} from ${from} to ${to.name}. Requests are held for about ten seconds.`,
      command: `odoo-stacks move-database ${file.name} --to ${to.name} --yes`,
    });
  }
  const record = await carryOut(environment, to, follows, options);
  if (options.json) console.log(JSON.stringify({ stack: file.name, ...record }));
  else if (record.result !== "failed") console.log(`\n${moveLines(file.name, record).join("\n")}`);
  if (record.result === "failed") throw failed(record);
}

/** Puts the images there that are needed, hands the move over and follows it. */
async function carryOut(
  environment: Environment,
  to: ListedMachine,
  follows: boolean,
  options: MoveDatabaseOptions,
): Promise<MoveRecord> {
  const watch = new Stopwatch();
  const { operator, file } = environment;
  let image: Image | undefined;
  let record: MoveRecord | undefined;
  const images = timed(watch, "Images", async (report) => {
    await bringOperator(operator.image, report);
    image = await serverImage(file.name, report);
    await transfer(image, new DockerEngine(), new DockerEngine(dockerHostOf(to)), report);
  });
  const move = timed(watch, `Moving the database to ${to.name}`, async (report) => {
    if (image) {
      const { plan } = (await requireReleased(environment)).current;
      const request: MovePlan = { ...plan, id: newId(), author: await author(), to: to.name, serverImage: image.id };
      await operator.start(plan.volumes, ["move-database", JSON.stringify(request)]);
    }
    record = await operator.followMove(report);
  });
  await new Listr(follows ? [move] : [images, move], rendererOptions(options)).run();
  if (!record) throw new Error("the move has ended without a record");
  return record;
}

/** The machine of the operator has its image since the last `up`; that of another version of this project goes there now. */
async function bringOperator(id: string, report: Report): Promise<void> {
  const { tag } = await ensureImage("operator", report);
  const { DOCKER_HOST: host } = addedVariables();
  if (host) await transfer({ id, tag }, new DockerEngine(), new DockerEngine(host), report);
}

/**
 * The image that an environment's PostgreSQL runs.
 * @throws UserError when it is not the one that this version of the project makes: only that one can be copied from here.
 */
async function serverImage(stack: string, report: Report): Promise<Image> {
  const image = await ensureImage("postgres", report);
  const filters = Object.entries(labels(stack, "postgres")).map(([key, value]) => `${key}=${value}`);
  const [service] = (await run(onManager(servicesWithLabels(filters)), { timeoutSeconds: 30 })).trim().split("\n");
  if (!service) throw notUp(stack);
  const format = "{{.Spec.TaskTemplate.ContainerSpec.Image}}";
  const inspect = ["docker", "service", "inspect", "--format", format, service];
  const found = (await run(onManager(inspect), { timeoutSeconds: 30 })).trim();
  if (found === image.id) return image;
  throw new UserError(`The database of ${stack} can't be moved yet.`, [
    {
      path: `the image of ${service}`,
      expected: `${image.tag} (${image.id})`,
      found: `${found}, which another version of this project has made`,
      hint: `npx odoo-stacks up ${stack}, then again`,
    },
  ]);
}

const notUp = (stack: string): UserError =>
  new UserError(`${stack} has no database that could be moved.`, [
    { path: stack, expected: "an environment that is up", found: "none", hint: `npx odoo-stacks up ${stack}` },
  ]);

/** How a move went, in a few lines. */
export function moveLines(stack: string, record: MoveRecord): string[] {
  const { from, to, volume, left, reason } = record;
  if (record.result === "unchanged") return [`There was nothing to move: the database of ${stack} is on ${to}.`];
  const page =
    record.pageSeconds === undefined
      ? ""
      : `, then answered by the maintenance page for ${elapsed(record.pageSeconds)}`;
  const all = record.compared === record.tables ? "all" : `${record.compared} of ${record.tables}`;
  const seconds = (Date.parse(record.endedAt) - Date.parse(record.startedAt)) / 1000;
  return [
    `The database of ${stack} is on ${to} now (move ${record.id}).`,
    `  requests  held for ${elapsed(record.heldSeconds)}${page}`,
    `  copied    ${formatSize(record.bytes)}; ${record.rows} rows compared, in ${all} tables`,
    `  took      ${elapsed(seconds)}`,
    `  next      npx odoo-stacks up ${stack} (gives PostgreSQL its share of ${to}, which restarts it)`,
    `  old copy  on ${from}, in the volume ${volume}; when it is not needed any more: npx odoo-stacks let-go ${stack} ${from}`,
    ...(left.length > 0
      ? [`  sets      ${left.join(", ")} stay on ${from}: \`rollback --with-data\` does not go back to them any more`]
      : []),
    ...(reason === "" ? [] : reason.split("\n").map((line) => `  left      ${line}`)),
  ];
}

function failed({ id, from, reason }: MoveRecord): UserError {
  const place = from ? `on ${from}, as before` : "where it was";
  return new UserError(`The database was not moved. It is ${place}.`, [
    {
      path: `move ${id}`,
      expected: "the database in its new place, with all its rows",
      found: reason.split("\n").join("\n              "),
      hint: "Nothing of it was changed: the command can be given again",
    },
  ]);
}
