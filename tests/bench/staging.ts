import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { docker } from "../support/docker";
import { OdooClient } from "../support/odoo";
import { must, progress, succeeded } from "../support/shell";
import { StagingLab } from "../support/stagingLab";
import { fillFiles } from "./attachments";
import { Beside } from "./beside";
import { table } from "./figures";
import { fill } from "./fill";
import { baseBackup, dumpRestore, type OtherWay } from "./otherWays";
import { makePlace, type Place } from "./places";
import { watchProduction } from "./production";
import { fillRecords } from "./records";
import { closing, comparedRows, type Measured, type OtherCopy, type Refresh, stagingRows } from "./stagingFigures";

const gigabyte = 1024 ** 3;

/** Files of each production. */
const files = 20_000;
/** This part of the database is people and messages: what securing works on. */
const recordsShare = 0.1;
/** Copying and securing a large database, in seconds. */
const refreshSeconds = 3600;

/** A production to copy, and how. */
interface Environment {
  readonly filesystem: Place["filesystem"];
  /** Sizes that its database is brought to, one after the other, in gigabytes; none leaves it small. */
  readonly sizes: readonly number[];
  /** How often staging is refreshed with each; the middle one counts. Where it takes seconds, chance is large. */
  readonly refreshes: number;
  /** How long production is looked at before each copy, in seconds. */
  readonly beforeSeconds: number;
}

const small: readonly Environment[] = [{ filesystem: "ext4", sizes: [], refreshes: 1, beforeSeconds: 10 }];
const all: readonly Environment[] = [
  { filesystem: "XFS", sizes: [1, 4, 8], refreshes: 3, beforeSeconds: 30 },
  { filesystem: "ext4", sizes: [1, 4, 8], refreshes: 1, beforeSeconds: 30 },
];

/**
 * How long it takes to make staging from production as it is now, with real Odoo and people at work in production all the time
 * (`load.ts`): this project's refresh, and in the same place, with the same data and load, what is done instead: a dump that is
 * restored, and a base backup, both with a copy of the files. Neither secures anything: they are compared with the copy alone.
 * @param quick A small database on the plain filesystem, instead of some of 1, 4 and 8 GB there and on one that shares blocks.
 */
export async function benchStaging(quick: boolean): Promise<void> {
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", onInterrupt);
  try {
    const environments = quick ? small : all;
    await requireRoom(Math.max(...environments.flatMap(({ sizes }) => sizes), 1) * gigabyte);
    const measured: Measured[] = [];
    for (const environment of environments)
      measured.push(...(await measureEnvironment(environment, interrupted.signal)));
    console.log(`\nin comparison\n${table(comparedRows(measured))}\n`);
    console.log(closing(measured));
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** Production, staging, its next copy, a dump and what is restored from it are there at the same time. */
async function requireRoom(bytes: number): Promise<void> {
  const needed = 5 * bytes + 4 * gigabyte;
  for (const folder of [tmpdir(), await docker("info", "--format", "{{.DockerRootDir}}")]) {
    const { bavail, bsize } = await statfs(folder);
    const inGigabytes = (value: number) => (value / gigabyte).toFixed(0);
    if (bavail * bsize >= needed) continue;
    throw new Error(`${folder}: ${inGigabytes(needed)} GiB needed, ${inGigabytes(bavail * bsize)} GiB free`);
  }
}

/**
 * Brings production and staging up, measures with each size, and removes both.
 * @param environment Which.
 * @param signal Ends it before the next measurement.
 */
export async function measureEnvironment(environment: Environment, signal: AbortSignal): Promise<Measured[]> {
  const { filesystem, sizes } = environment;
  console.log(`\n${filesystem}: bringing production up`);
  const place = await makePlace(filesystem, Math.max(...sizes, 1) * gigabyte);
  try {
    const prefix = `odoo-stacks-bench-${randomBytes(3).toString("hex")}`;
    const volumesOf = async (stage: string) => ({
      database: { volume: await place.volume(`${prefix}-${stage}-database`) },
      filestore: { volume: await place.volume(`${prefix}-${stage}-files`) },
    });
    const volumes = await volumesOf("production");
    const lab = await StagingLab.open(volumes);
    try {
      await fillFiles(lab.production, files);
      lab.configure({}, await volumesOf("staging"));
      const measured: Measured[] = [];
      for (const gigabytes of sizes.length > 0 ? sizes : [0]) {
        await fillRecords(lab.production, gigabytes * gigabyte * recordsShare, signal);
        if (gigabytes > 0) await fill(lab.production, gigabytes * gigabyte, signal);
        if (measured.length === 0) {
          console.log(`${filesystem}: bringing staging up`);
          succeeded(await lab.up({ onLine: progress }));
        }
        measured.push(await measureSize(lab, place, volumes.filestore.volume, environment, signal));
      }
      return measured;
    } finally {
      await lab.close();
    }
  } finally {
    await place.remove();
  }
}

async function measureSize(
  lab: StagingLab,
  place: Place,
  filestore: string,
  { refreshes: count, beforeSeconds }: Environment,
  signal: AbortSignal,
): Promise<Measured> {
  const bytes = Number(await lab.production.sql("SELECT pg_database_size(current_database())"));
  const gigabytes = bytes / gigabyte;
  const size = `${gigabytes < 1 ? gigabytes.toFixed(1) : Math.floor(gigabytes)}GB`;
  const title = `${place.filesystem}, ${size}`;
  const refreshes: Refresh[] = [];
  while (refreshes.length < count) {
    signal.throwIfAborted();
    console.log(`${title}: refreshing staging`);
    await settle();
    const watched = await watchProduction(lab.production, beforeSeconds, () => refresh(lab, place));
    refreshes.push({ ...watched.result, noticed: watched.noticed });
  }
  const other = async (way: OtherWay): Promise<OtherCopy> => {
    signal.throwIfAborted();
    console.log(`${title}: ${way.name}`);
    const beside = await Beside.start(lab.production, filestore, place);
    try {
      await way.prepare(beside);
      await settle();
      const { result, noticed } = await watchProduction(lab.production, 0, () => copy(lab, beside, way));
      return { seconds: result, noticed };
    } finally {
      await beside.remove();
    }
  };
  const measured: Measured = {
    ...{ filesystem: place.filesystem, size, refreshes },
    dumpRestore: await other(dumpRestore),
    baseBackup: await other(baseBackup),
  };
  console.log(`\n${title}\n${table(stagingRows(measured))}`);
  for (const failure of refreshes.flatMap(({ noticed }) => noticed.failures)) console.log(`failed: ${failure}`);
  console.log();
  return measured;
}

/** What was written before is on disk: nothing of it is left to be done while something else is measured. */
const settle = async (): Promise<unknown> => must(["sync"], { timeoutSeconds: 900 });

/** Refreshes staging, and makes sure that it is what it is taken for. */
async function refresh(lab: StagingLab, place: Place): Promise<Omit<Refresh, "noticed">> {
  const contacts = await countContacts(lab.production);
  const startedAt = Date.now();
  const copy = await lab.refresh({ timeoutSeconds: refreshSeconds });
  const command = (Date.now() - startedAt) / 1000;
  if ((copy.method === "reflink") !== (place.filesystem === "XFS")) {
    throw new Error(`on ${place.filesystem} the database was copied by ${copy.method}`);
  }
  const { status } = await new OdooClient(lab.url).fetch("/web/login");
  if (status !== 200) throw new Error(`staging answers with status ${status}`);
  // Files of people are replaced: a quarter of them.
  const found = await docker("exec", await lab.container("odoo-web"), "find", "/var/lib/odoo/filestore", "-type", "f");
  expectWhole({ contacts: await countContacts(lab), files: found.split("\n").length + files / 4 }, contacts);
  return { copy, before: (Date.parse(copy.startedAt) - startedAt) / 1000, command };
}

/** Copies production another way; returns the seconds of each part. */
async function copy({ production }: StagingLab, beside: Beside, way: OtherWay): Promise<Record<string, number>> {
  const contacts = await countContacts(production);
  const seconds: Record<string, number> = {};
  for (const [name, work] of Object.entries(way.parts)) {
    const start = performance.now();
    await work(beside);
    seconds[name] = (performance.now() - start) / 1000;
  }
  expectWhole(await beside.count(), contacts);
  return seconds;
}

const countContacts = async (of: { sql(query: string): Promise<string> }): Promise<number> =>
  Number(await of.sql("SELECT count(*) FROM res_partner"));

/** What is measured has to be a whole copy. */
function expectWhole(found: { contacts: number; files: number }, contacts: number): void {
  if (found.contacts >= contacts && found.files >= files) return;
  throw new Error(`a copy has ${found.contacts} of ${contacts} contacts and ${found.files} files`);
}
