import { UserError } from "../../core/errors";
import { type Report, silent } from "../../core/report";
import { managerEnv } from "../../swarm/engines";
import { type FilesPlace, filesElsewhere, volumeAt } from "../../swarm/files";
import { markPlace, type Place, placeOf, swarmNodes } from "../../swarm/places";
import type { Hold } from "../hold";
import type { Host } from "../host";
import { readMaintenance } from "../maintenance/state";
import type { FilesMoved, ReleasePlan, ReleaseRecord } from "../plan";
import type { Progress } from "../progress";
import { ownImage } from "../self";
import { warmAll } from "../warm";
import { type Brought, bring } from "./bring";
import { bringUntilShort, folders } from "./fetch";
import { mirroredFiles } from "./missing";
import { OldPlace } from "./old";
import { requireReach } from "./reach";

/** Scheduled jobs under way may take this long to end before a move is given up, in seconds. */
const cronStopSeconds = 300;
/** Requests that make processes of the new web containers ready are given up after this, in seconds. */
const warmSeconds = 60;

/** What a move asks of the machines; other ones in tests. */
export interface MoveTools {
  /** Where the Swarm's labels say that the files are. */
  place(stack: string): Promise<Place>;
  /** Says there that they are somewhere else. */
  mark(stack: string, place: FilesPlace): Promise<void>;
  /** The machine that they are on until now. */
  old(stack: string, place: FilesPlace): Promise<Pick<OldPlace, "engine" | "requireReady" | "history" | "clear">>;
  /** Brings over what is missing. @param last Whether nobody writes to the old place any more. */
  bring(plan: ReleasePlan, from: FilesPlace, last: boolean, report: Report): Promise<Brought>;
  /** Makes sure that web containers can work at the new place. */
  reach(webs: readonly string[]): Promise<void>;
  warm(host: Pick<Host, "warmTargets">, workers: number): Promise<unknown>;
  inMaintenance(): boolean;
}

/**
 * The release that an environment's files go to another place with: the new web containers stand there already, what is new is
 * brought over, the last of it with requests held, and requests go to the new containers. The old files are never changed.
 */
export class FilesMove {
  private from?: FilesPlace;

  /**
   * @param progress Of the release that it is a part of.
   * @param hold Of the same release; it is not ended here.
   */
  constructor(
    private readonly host: Pick<Host, "webIsHealthy" | "warmTargets" | "webs" | "cron" | "scaleCron" | "route">,
    private readonly progress: Progress,
    private readonly hold: Pick<Hold, "begin">,
    private readonly tools: MoveTools = ownTools,
  ) {}

  /** Whether the files are elsewhere than the plan has them. */
  async isDue(): Promise<boolean> {
    const { files, stack } = this.plan;
    this.from = files && filesElsewhere(await this.tools.place(stack), files);
    return this.from !== undefined;
  }

  /**
   * Makes sure that all is prepared.
   * @param history What is known here of earlier releases.
   * @throws UserError when something else is to be done with it, or when the records of releases have not come.
   */
  async requireReady(history: readonly ReleaseRecord[]): Promise<void> {
    const { plan, tools } = this;
    const old = await tools.old(plan.stack, this.place);
    await old.requireReady();
    if (tools.inMaintenance()) {
      throw refused(plan.stack, {
        path: "maintenance",
        expected: "an environment that is open to its users",
        found: "one in maintenance",
        hint: `npx odoo-stacks maintenance off -s ${plan.stack}`,
      });
    }
    const here = new Set(history.map(({ id }) => id));
    const known = old.engine === undefined ? history : await old.history();
    if (known.length === 0 || known.some(({ id }) => !here.has(id))) {
      throw refused(plan.stack, {
        path: plan.volumes.releases,
        expected: `the records of all releases, which ${this.place.machine} has`,
        found: "some of them",
        hint: `npx odoo-stacks move-filestore ${plan.stack} brings them over first`,
      });
    }
    const served = history.findLast(({ result }) => result !== "failed")?.image;
    if (served?.id !== plan.image.id) throw alone(plan.stack, `${plan.image.tag} in place of ${served?.tag ?? "none"}`);
  }

  /** Moves them. When it returns, requests are answered at the new place; when it throws, {@link undo} has to follow. */
  async run(): Promise<void> {
    const { host, progress, plan, tools, place: from } = this;
    const to = this.target;
    progress.report(`The files go from ${placeText(from)} to ${placeText(to)}.`);
    await progress.step("health", () => host.webIsHealthy());
    await progress.step("warm", () => tools.warm(host, plan.workers));
    const isSame = from.shared && to.shared;
    const pass = () => tools.bring(plan, from, false, silent);
    const brought = isSame ? undefined : await progress.step("fetch", () => bringUntilShort(pass, progress.report));
    await progress.step("reach", async () => tools.reach(await host.webs()));
    progress.note({ files: { from, to } });
    const cron = await host.cron();
    if (cron) await progress.step("stopCron", () => host.scaleCron(cron, 0, cronStopSeconds));
    await progress.step("hold", () => this.hold.begin(brought?.seconds));
    await progress.step("files", async () => {
      const last = isSame ? undefined : await tools.bring(plan, from, true, progress.report);
      progress.note({ files: { from, to, ...last?.all } });
      await tools.mark(plan.stack, to);
    });
    progress.note({ switchedAt: new Date().toISOString() });
    await progress.step("route", () => host.route(plan.routes));
    // Past this line users write to the new place: what they do must not be undone.
    progress.note({ step: "released" });
  }

  /** After success: what an operator has left at the old place does not keep its volumes from being removed. */
  async keep(): Promise<void> {
    const { files } = this.progress.state;
    if (!files) return;
    await this.tools
      .old(this.plan.stack, files.from)
      .then((old) => old.clear())
      .catch((error: unknown) => this.progress.report(`Not cleared: ${files.from.machine}: ${String(error)}`));
  }

  /** Has the files be at the old place again, also for another process that was interrupted. */
  async undo(attempt: (what: string, part: () => Promise<void>) => Promise<boolean>): Promise<void> {
    const { files } = this.progress.state;
    if (!files) return;
    this.progress.report(`The files stay on ${placeText(files.from)}.`);
    await attempt("the mark of where the files are", () => this.tools.mark(this.plan.stack, files.from));
  }

  private get plan(): ReleasePlan {
    return this.progress.state.plan;
  }

  private get place(): FilesPlace {
    if (!this.from) throw new Error("no move is due");
    return this.from;
  }

  private get target(): FilesMoved["to"] {
    const { files } = this.plan;
    if (!files) throw new Error("no move is due");
    return { machine: files.machine, shared: files.shared, volume: volumeAt(files.volumes, files.shared) };
  }
}

/** What a move can't be one with. @param found What was to be done with it. */
export const alone = (stack: string, found: string): UserError =>
  refused(stack, {
    path: "release",
    expected: "a move and nothing else, so that there is one thing to undo",
    found,
    hint: `Release first, then move: npx odoo-stacks release -s ${stack}`,
  });

const refused = (stack: string, problem: UserError["problems"][number]): UserError =>
  new UserError(`The files of ${stack} can't be moved now. They are where they were.`, [problem]);

const placeText = ({ machine, volume }: FilesPlace): string => `${machine} (${volume})`;

const ownTools: MoveTools = {
  place: async (stack) => placeOf(stack, await swarmNodes(managerEnv())),
  mark: (stack, { machine, shared }) => markPlace("files", stack, machine, managerEnv(), shared ? "shared" : "true"),
  old: async (stack, place) => new OldPlace(stack, place, await ownImage()),
  bring: async (plan, from, last, report) => {
    const image = await ownImage();
    const to = { volume: plan.volumes.filestore, folder: folders.files };
    const route = { stack: plan.stack, image, from: new OldPlace(plan.stack, from, image).files(), to, gentle: !last };
    return bring(route, { mirrored: mirroredFiles, database: plan.database, report, last });
  },
  reach: (webs) => requireReach(webs, folders.files),
  warm: async (host, workers) => warmAll(await host.warmTargets(), workers, warmSeconds),
  inMaintenance: () => readMaintenance(folders.records) !== undefined,
};
