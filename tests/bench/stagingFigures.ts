import type { CopyRecord } from "../../infra/operator/copy/record";
import type { Secured } from "../../infra/operator/copy/securedReport";
import { figure, median, type Row } from "./figures";
import type { Place } from "./places";
import type { Noticed } from "./production";

/** What issue and design ask for. */
const targets = {
  reflinkCopy: 10,
  flat: 1.3,
  firstPage: 30,
  fasterThanDump: 4,
  againstBaseBackup: 1,
  p95: 2,
  failed: 0,
  lost: 0,
};

/** A refresh of staging. Times in seconds. */
export interface Refresh {
  readonly copy: Pick<CopyRecord, "seconds" | "startedAt" | "endedAt"> & { readonly secured: Pick<Secured, "seconds"> };
  /** From the command's start to the copy's. */
  readonly before: number;
  /** The whole command. */
  readonly command: number;
  readonly noticed: Noticed;
}

/** A copy by another way: seconds of its parts. */
export interface OtherCopy {
  readonly seconds: Readonly<Record<string, number>>;
  readonly noticed: Noticed;
}

/** What was measured in one place with a database of one size. */
export interface Measured {
  readonly filesystem: Place["filesystem"];
  /** As the last line names it: `1GB`. */
  readonly size: string;
  readonly refreshes: readonly Refresh[];
  readonly dumpRestore?: OtherCopy;
  readonly baseBackup?: OtherCopy;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const part = (refresh: Refresh, name: string): number => refresh.copy.seconds[name] ?? 0;

/** Until the copy answers queries, with all files; what other ways of copying do as well. */
const copyAndOpen = (refresh: Refresh): number => sum(["database", "files", "open"].map((name) => part(refresh, name)));

/** From the copy's start to the first page of what was secured: all but writing it to disk, which follows. */
const firstPage = ({ copy }: Refresh): number =>
  (Date.parse(copy.endedAt) - Date.parse(copy.startedAt)) / 1000 - (copy.seconds.keep ?? 0);

/** The middle one of all refreshes; undefined without any. */
const middle = ({ refreshes }: Measured, of: (refresh: Refresh) => number): number | undefined =>
  refreshes.length === 0 ? undefined : median(refreshes.map(of));

const total = (copy: OtherCopy | undefined): number | undefined => copy && sum(Object.values(copy.seconds));

const ratio = (of: number | undefined, to: number | undefined): number | undefined =>
  of === undefined || to === undefined ? undefined : of / to;

const slowdown = ({ p95Before, p95During }: Noticed): number | undefined => ratio(p95During, p95Before);

/** What disturbed production most. */
const worst = (all: readonly Noticed[]): Noticed | undefined =>
  all.reduce<Noticed | undefined>(
    (most, one) => (most && (slowdown(most) ?? 0) >= (slowdown(one) ?? 0) ? most : one),
    undefined,
  );

/** The table of one place and size. */
export function stagingRows(measured: Measured): Row[] {
  const { filesystem, refreshes, dumpRestore, baseBackup } = measured;
  const noticed = refreshes.map((refresh) => refresh.noticed);
  const most = worst(noticed);
  const ours = (what: string, of: (refresh: Refresh) => number, target?: number): Row => ({
    what: `refresh: ${what}`,
    seconds: middle(measured, of),
    target,
  });
  const others = (name: string, copy: OtherCopy | undefined): Row[] => [
    ...Object.entries(copy?.seconds ?? {}).map(([what, seconds]) => ({ what: `${name}: ${what}`, seconds })),
    { what: `${name}: all`, seconds: total(copy) },
    { what: `${name}: p95 of production meanwhile`, seconds: copy?.noticed.p95During, unit: "ms" },
  ];
  return [
    ...["database", "files", "open"].map((name) => ours(name, (refresh) => part(refresh, name))),
    ours("copy and open", copyAndOpen, filesystem === "XFS" ? targets.reflinkCopy : undefined),
    ours("secure", (refresh) => part(refresh, "secure")),
    ...Object.keys(refreshes[0]?.copy.secured.seconds ?? {}).map((name) =>
      ours(`secure: ${name}`, ({ copy }) => copy.secured.seconds[name] ?? 0),
    ),
    ...["modules", "page", "keep"].map((name) => ours(name, (refresh) => part(refresh, name))),
    ours("first page, since the copy began", firstPage, targets.firstPage),
    ours("the command before the copy began", ({ before }) => before),
    ours("the whole command", ({ command }) => command),
    ...others("dump and restore", dumpRestore),
    ...others("base backup", baseBackup),
    { what: "p95 of production before a refresh", seconds: most?.p95Before, unit: "ms" },
    { what: "p95 of production meanwhile", seconds: most?.p95During, unit: "ms" },
    { what: "the second to the first", seconds: most && slowdown(most), target: targets.p95, unit: "×" },
    { what: "failed requests", seconds: countOf(noticed, "failed"), target: targets.failed, unit: "count" },
    { what: "lost writes", seconds: countOf(noticed, "lost"), target: targets.lost, unit: "count" },
    { what: "requests", seconds: countOf(noticed, "requests"), unit: "count" },
  ];
}

const countOf = (noticed: readonly Noticed[], key: "failed" | "lost" | "requests"): number | undefined =>
  noticed.length === 0 ? undefined : sum(noticed.map((one) => one[key]));

/** The table that compares: sizes with each other, and ways to copy. Each measurement is of a larger database than the one before. */
export function comparedRows(all: readonly Measured[]): Row[] {
  const xfs = all.filter(({ filesystem }) => filesystem === "XFS");
  const [smallest, largest] = [xfs[0], xfs.at(-1)];
  const copied = (measured: Measured | undefined) => measured && middle(measured, copyAndOpen);
  const flat = xfs.length > 1 ? ratio(copied(largest), copied(smallest)) : undefined;
  const plain = all.filter(({ filesystem }) => filesystem === "ext4");
  return [
    {
      what: `reflink: copy and open, ${largest?.size ?? "largest"} to ${smallest?.size ?? "smallest"}`,
      seconds: flat,
      target: targets.flat,
      unit: "×",
    },
    {
      what: `reflink, ${largest?.size ?? "largest"}: dump and restore to copy and open`,
      seconds: ratio(total(largest?.dumpRestore), copied(largest)),
      least: targets.fasterThanDump,
      unit: "×",
    },
    ...plain.map((measured): Row => ({
      what: `plain, ${measured.size}: copy and open to base backup`,
      seconds: ratio(copied(measured), total(measured.baseBackup)),
      target: targets.againstBaseBackup,
      unit: "×",
    })),
  ];
}

/**
 * The last line. Seconds until a copy is there and open. Each other way is of the place in which it is compared: dump and restore
 * where blocks can be shared (elsewhere if that was not measured), the base backup where they can't. The p95 is of the refresh
 * that disturbed production most.
 */
export function closing(all: readonly Measured[]): string {
  const list = (filesystem: Place["filesystem"], of: (measured: Measured) => number | undefined) =>
    all
      .filter((measured) => measured.filesystem === filesystem)
      .map((measured) => `${measured.size}:${figure(of(measured))}`)
      .join(",") || figure(undefined);
  const copied = (measured: Measured) => middle(measured, copyAndOpen);
  const shares = all.some(({ filesystem }) => filesystem === "XFS");
  const most = worst(all.flatMap(({ refreshes }) => refreshes.map(({ noticed }) => noticed)));
  return (
    `bench staging: ours_reflink=${list("XFS", copied)} ours_plain=${list("ext4", copied)}` +
    ` dump_restore=${list(shares ? "XFS" : "ext4", ({ dumpRestore }) => total(dumpRestore))}` +
    ` basebackup=${list("ext4", ({ baseBackup }) => total(baseBackup))}` +
    ` prod_p95_before=${figure(most?.p95Before, "ms")} prod_p95_during=${figure(most?.p95During, "ms")}`
  );
}
