import { UserError } from "../../core/errors";
import type { Report } from "../../core/report";
import { formatSize } from "../../core/units";
import { managerEnv } from "../../swarm/engines";
import { type FilesPlace, filesElsewhere, type FilesWanted, volumeAt } from "../../swarm/files";
import { placeOf, swarmNodes } from "../../swarm/places";
import { releasesVolume } from "../client";
import { ownImage } from "../self";
import { type Brought, bring } from "./bring";
import { mirroredFiles } from "./missing";
import { OldPlace } from "./old";

/** What is brought to this machine while an environment goes on. Handed over as JSON. */
export interface FetchPlan {
  readonly version: 1;
  readonly stack: string;
  /** Name of the database. */
  readonly database: string;
  /** Where the files belong. */
  readonly wanted: FilesWanted;
}

/** What was brought; as JSON what `fetch-files` prints. */
export interface Fetched {
  readonly from: FilesPlace;
  /** The files; undefined where they are in a folder that both machines have. */
  readonly files?: Brought;
  /** The records of releases; undefined where they are on the same machine. */
  readonly records?: Brought;
}

/** Where the operator has its volumes. */
export const folders = { files: "/filestore", records: "/releases" } as const;

/** A pass that took no longer leaves little for the next one, in seconds. */
const shortSeconds = 20;
/** So many passes at most: what comes in faster than it can be brought over will not be less the next time. */
const mostPasses = 4;

/**
 * Brings an environment's files and its records of releases to this machine, while everybody goes on working. Nothing is
 * switched over; run again, it brings what is new.
 */
export async function fetchFiles(plan: FetchPlan, report: Report): Promise<Fetched> {
  const { stack, wanted, database } = plan;
  const from = filesElsewhere(placeOf(stack, await swarmNodes(managerEnv())), wanted);
  // Otherwise what is in use would be taken for a copy.
  if (!from) throw new UserError(`The files of ${stack} are on ${wanted.machine} already.`);
  const image = await ownImage();
  const old = new OldPlace(stack, from, image);
  await old.requireReady();
  await old.endWatch();
  const to = (volume: string, folder: string) => ({ stack, image, gentle: true, to: { volume, folder } });
  const records =
    old.engine === undefined
      ? undefined
      : await bring(
          { ...to(releasesVolume(stack), folders.records), from: old.records() },
          { mirrored: () => true, report: prefixed("records of releases", report), last: false },
        );
  if (from.shared && wanted.shared) return { from, records };
  const route = { ...to(volumeAt(wanted.volumes, wanted.shared), folders.files), from: old.files() };
  const files = await bringUntilShort(() => {
    const options = { mirrored: mirroredFiles, database, report: prefixed("files", report), last: false };
    return bring(route, options);
  }, report);
  return { from, files, records };
}

const prefixed =
  (what: string, report: Report): Report =>
  (line) =>
    report(`${what}: ${line}`);

/**
 * Brings again what has come in meanwhile, until that is little.
 * @returns all passes together, and how long the last one took.
 */
export async function bringUntilShort(pass: () => Promise<Brought>, report: Report): Promise<Brought> {
  let [files, bytes] = [0, 0];
  for (let number = 1; ; number += 1) {
    const brought = await pass();
    files += brought.files;
    bytes += brought.bytes;
    if (brought.files > 0) report(cameText(brought));
    if (brought.seconds <= shortSeconds || number === mostPasses) return { ...brought, files, bytes };
  }
}

const cameText = ({ files, bytes }: Brought): string =>
  `${files === 1 ? "1 file has" : `${files} files have`} come (${formatSize(bytes)}).`;
