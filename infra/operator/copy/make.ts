import { rmSync } from "node:fs";
import { join } from "node:path";
import { mountpoint } from "../../commands/docker";
import { run } from "../../core/exec";
import type { Report } from "../../core/report";
import { until } from "../../core/until";
import { Journal } from "../journal";
import { psql } from "../psql";
import { TimedSteps } from "../timedSteps";
import { newCluster } from "./argv";
import { bringCluster, bringFilestore } from "./bring";
import { chooseWay } from "./choose";
import { requireFit } from "./fit";
import { findSet, keptSets, type Origin, originOf } from "./origin";
import { copyFolders, type CopyPlan } from "./plan";
import { makeReady } from "./ready";
import { type CopyRecord, readCopies, writeCopy } from "./record";
import { CopyServer } from "./server";
import { endElsewhere, findServer, findServers, reachSource, serverOf } from "./source";
import { copyState, incomingFiles, putInPlace, settle } from "./switch";

/** Swarm starts a container that has ended again within this, in seconds. */
const restartSeconds = 60;

const { own } = copyFolders;
const clusterFolder = join(own.database, newCluster);

/** What went wrong while a copy was made; what was there before serves on. */
export class CopyFailed extends Error {
  constructor(
    /** The part of the work that failed. */
    readonly step: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** Makes a copy of another environment beside the own data, secures it, and leaves it to be switched to. */
export class CopyRun {
  private readonly steps: TimedSteps;

  constructor(
    private readonly plan: CopyPlan,
    private readonly report: Report,
  ) {
    this.steps = new TimedSteps(report, "copy: ");
  }

  /**
   * Does all of it. When it throws, nothing of the copy stays, and nothing of the environment was touched.
   * @returns what was made; the one that was made before for the same wish, where it is still there.
   * @throws CopyFailed
   */
  async run(): Promise<CopyRecord> {
    const startedAt = new Date().toISOString();
    try {
      const record = (await this.madeBefore()) ?? (await this.make(startedAt));
      return await this.steps.time("place", () => this.placeWhereEmpty(record));
    } catch (error) {
      // A copy that is whole stays: the next time it is put in place.
      if (this.steps.step !== "place")
        await this.clear().catch((trouble: unknown) => this.report(`Not removed: ${String(trouble)}`));
      throw new CopyFailed(this.steps.step, error instanceof Error ? error.message : String(error));
    }
  }

  private async make(startedAt: string): Promise<CopyRecord> {
    const { plan } = this;
    const { own: postgres, source } = await findServers(plan);
    const origin = await this.findOrigin(source);
    const way = await chooseWay(plan, origin);
    const { method, because } = way;
    await this.clear();
    const [image = "", major = ""] = (
      await run([
        "sh",
        "-c",
        'docker inspect --format "{{.Image}}" "$1" && docker exec "$1" postgres --version',
        "sh",
        postgres,
      ])
    )
      .trim()
      .split("\n");
    const size = await requireFit(origin, way, /(\d+)\./.exec(major)?.[1] ?? major);

    this.report(`Copying the database: ${method}, because ${because}.`);
    const dataFrom = await this.steps.time("database", () => bringCluster(plan, origin, way, source, clusterFolder));
    await this.steps.time("files", () => bringFilestore(plan, origin, way, this.report));
    const { server, files } = await this.steps.time("open", async () => {
      const files = join((await run(mountpoint(plan.volumes.filestore))).trim(), ".incoming", plan.id);
      return {
        server: await CopyServer.start(plan, image, files),
        files: join(incomingFiles(plan.id), "filestore", plan.database),
      };
    });
    const { secured, modules } = await makeReady(plan, server, files, { time: this.steps.time, report: this.report });
    await this.steps.time("keep", async () => {
      await server.stop();
      await this.commit();
    });
    const { id, key, image: version, author } = plan;
    const record: CopyRecord = {
      ...{ id, key, source: plan.source.stack, dataFrom, set: origin.set, method, because, image: version, modules },
      bytes: { database: size.database, files: size.files.bytes },
      ...{
        files: size.files.files,
        secured,
        seconds: this.steps.seconds,
        startedAt,
        endedAt: new Date().toISOString(),
        author,
      },
    };
    writeCopy(own.releases, record);
    return record;
  }

  /** The copy that was made for the same wish before, by an operator that nobody waited for. */
  private async madeBefore(): Promise<CopyRecord | undefined> {
    const { current, incoming } = await copyState(this.host);
    return readCopies(own.releases).find(({ id, key }) => key === this.plan.key && (id === current || id === incoming));
  }

  /** @param server The source's. */
  private async findOrigin(server: string): Promise<Origin> {
    const { plan } = this;
    const reach = await reachSource(plan, server);
    const sets = plan.snapshot === "latest" ? [] : await keptSets(reach.cluster ? server : undefined);
    return originOf(plan, findSet(plan.snapshot, sets), reach);
  }

  /** Writes all to disk, and gives it the name under which it is whole. */
  private async commit(): Promise<void> {
    const script = `
      printf '%s' "$3" >"$1/odoo-stacks.copy" && chown --reference="$1" "$1/odoo-stacks.copy"
      rm -f "$1/postmaster.opts"
      sync --file-system "$1" && sync --file-system "$4"
      rm -rf "$2" && mv "$1" "$2" && sync "$(dirname "$2")"`;
    const incoming = join(own.database, "incoming");
    await run(["sh", "-ec", script, "sh", clusterFolder, incoming, this.plan.id, own.files], { timeoutSeconds: 3600 });
  }

  /** Where there is no Odoo yet, nobody has to be told: the copy is put in place at once. */
  private async placeWhereEmpty(record: CopyRecord): Promise<CopyRecord> {
    const { plan } = this;
    const release = new Journal(own.releases).read();
    if (record.switchedAt || (release && !release.outcome)) return record;
    const { current } = await copyState(this.host);
    const query = "SELECT to_regclass('ir_module_module') IS NOT NULL";
    const isUsed = (await psql(await serverOf(plan.stack), plan.database, query)).trim() === "t";
    if (isUsed && current !== record.id) return record;
    this.report("Putting the copy in place.");
    await putInPlace(this.host, plan.database, record.id);
    await settle(this.host, record.id, 0);
    const placed = { ...record, switchedAt: new Date().toISOString() };
    writeCopy(own.releases, placed);
    return placed;
  }

  /** Removes what is left of copies that were not finished, and one that waits and is not wanted any more. */
  private async clear(): Promise<void> {
    await CopyServer.remove(this.plan.stack);
    await endElsewhere(this.plan);
    rmSync(clusterFolder, { recursive: true, force: true });
    rmSync(join(own.files, ".incoming"), { recursive: true, force: true });
    rmSync(join(own.database, "incoming"), { recursive: true, force: true });
  }

  /** The own server, which ends and begins again when the copy is put in its place. */
  private readonly host = {
    container: async (): Promise<string> => {
      let id: string | undefined;
      await until(
        "PostgreSQL runs",
        restartSeconds,
        async () => (id = await findServer(this.plan.stack)) !== undefined,
      );
      return id ?? "";
    },
  };
}
