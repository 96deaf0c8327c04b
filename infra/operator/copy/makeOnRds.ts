import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { mountpoint } from "../../commands/docker";
import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import { TimedSteps } from "../timedSteps";
import { bringFilestore, giveAway } from "./bring";
import { canShareFiles } from "./choose";
import { sizeOf } from "./files";
import { requireFilesFit } from "./fit";
import { CopyFailed } from "./make";
import { filesOf } from "./origin";
import { copyFolders } from "./plan";
import type { RdsCopyPlan } from "./rdsPlan";
import { RdsServer } from "./rdsServer";
import { makeReady } from "./ready";
import { type CopyRecord, readCopies, writeCopy } from "./record";
import { CopyServer } from "./server";
import { endElsewhere, reachFiles } from "./source";
import { filesOfDatabase, incomingFiles } from "./switch";

const { own } = copyFolders;

/**
 * Secures a copy of another environment that was restored on RDS, and brings its files beside those that are there: in the folder of its
 * own database, which no other one has.
 */
export class RdsCopyRun {
  private readonly steps: TimedSteps;

  constructor(
    private readonly plan: RdsCopyPlan,
    private readonly report: Report,
  ) {
    this.steps = new TimedSteps(report, "copy: ");
  }

  /**
   * Does all of it. When it throws, the database may be secured in part, and nothing but this may connect; nothing of what the environment
   * had before was touched. Run again, it begins anew.
   * @returns what was made; the one that was made before of the same instance.
   * @throws CopyFailed
   */
  async run(): Promise<CopyRecord> {
    const startedAt = new Date().toISOString();
    try {
      const before = this.madeBefore();
      if (before) rmSync(incomingFiles(this.plan.id), { recursive: true, force: true });
      return before ?? (await this.make(startedAt));
    } catch (error) {
      await this.clear().catch((trouble: unknown) => this.report(`Not removed: ${String(trouble)}`));
      throw new CopyFailed(this.steps.step, error instanceof Error ? error.message : String(error));
    }
  }

  private madeBefore(): CopyRecord | undefined {
    if (!existsSync(filesOfDatabase(this.plan.database))) return undefined;
    return readCopies(own.releases).find(({ key }) => key === this.plan.key);
  }

  private async make(startedAt: string): Promise<CopyRecord> {
    const { plan } = this;
    const incoming = join(incomingFiles(plan.id), "filestore", plan.database);
    const files = plan.source.other ? await this.takeFiles(incoming) : await this.bringFiles();
    const server = await this.steps.time("open", async () => {
      const volume = (await run(mountpoint(plan.volumes.filestore))).trim();
      return RdsServer.open(plan, join(volume, ".incoming", plan.id));
    });
    const { secured, modules } = await makeReady(plan, server, incoming, {
      time: this.steps.time,
      report: this.report,
    });
    const database = await server.size();
    await this.steps.time("keep", async () => {
      await server.close();
      await this.keepFiles(incoming);
    });
    const { id, key, image, author, dataFrom } = plan;
    const record: CopyRecord = {
      ...{ id, key, source: plan.source.stack, dataFrom, method: "snapshot", because: "the database is on RDS", image },
      ...{ modules, bytes: { database, files: files.bytes }, files: files.files, secured, seconds: this.steps.seconds },
      ...{ startedAt, endedAt: new Date().toISOString(), author },
    };
    writeCopy(own.releases, record);
    return record;
  }

  /** Brings the files of a source on this platform. */
  private async bringFiles(): Promise<FilesSize> {
    const { plan } = this;
    const origin = { files: filesOf(plan, undefined, await reachFiles(plan)) };
    const way = { sharesFiles: !origin.files.reach && (await canShareFiles(origin.files)) };
    await this.clear();
    const files = await requireFilesFit(origin, way);
    await this.steps.time("files", () => bringFilestore(plan, origin, way, this.report));
    return files;
  }

  /** Takes the files that have been brought from another platform: nothing else was left waiting beside them. */
  private async takeFiles(path: string): Promise<FilesSize> {
    if (!existsSync(path)) throw new Error(`the files that were brought are not in ${path}`);
    await this.endOthers();
    await this.steps.time("files", () => giveAway(this.plan, path));
    return sizeOf({ path });
  }

  /** Writes the files to disk, and puts them where Odoo looks for those of this database. */
  private async keepFiles(incoming: string): Promise<void> {
    await run(["sync", "--file-system", own.files], { timeoutSeconds: 3600 });
    const serving = filesOfDatabase(this.plan.database);
    // Of a run that was cut off here, or of another instance of this name.
    rmSync(serving, { recursive: true, force: true });
    mkdirSync(join(serving, ".."), { recursive: true });
    renameSync(incoming, serving);
    await run(["chown", `--reference=${own.files}`, join(serving, "..")], { timeoutSeconds: 60 });
    rmSync(incomingFiles(this.plan.id), { recursive: true, force: true });
  }

  /** Removes what is left of copies that were not finished, with the files that wait. */
  private async clear(): Promise<void> {
    await this.endOthers();
    rmSync(join(own.files, ".incoming"), { recursive: true, force: true });
  }

  /** Ends what an earlier one has left running. */
  private async endOthers(): Promise<void> {
    await CopyServer.remove(this.plan.stack);
    await endElsewhere(this.plan);
  }
}

/** Bytes and number of files. */
type FilesSize = Awaited<ReturnType<typeof sizeOf>>;
