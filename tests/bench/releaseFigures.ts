import { figure, type Row } from "./figures";
import type { Measured } from "./underLoad";

/** What issue and design ask for: the longest wait of a release of code, and what one with an upgrade may add to its hold. */
const targets = { failed: 0, lost: 0, codeWait: 1, waitAfterHold: 2, codeUp: 8, socketsBack: 5 };

/** The two releases that are measured. */
export const releases = ["code", "upgrade"] as const;
export type Release = (typeof releases)[number];

/** What was measured in one environment. */
export interface Outcome extends Readonly<Record<Release, Measured>> {
  /** Undefined where it was not measured. */
  readonly compose?: Measured;
}

/** The table of a release. */
export function releaseRows(kind: Release, measured: Measured): Row[] {
  const { held } = measured;
  const wait = kind === "code" ? targets.codeWait : Number((held + targets.waitAfterHold).toFixed(2));
  return [
    { what: "failed requests", seconds: measured.failed, target: targets.failed, unit: "count" },
    { what: "lost writes", seconds: measured.lost, target: targets.lost, unit: "count" },
    { what: "doubled writes", seconds: measured.doubled, target: targets.lost, unit: "count" },
    { what: "longest wait of a request", seconds: measured.longestWait, target: wait },
    { what: "requests held for", seconds: held },
    { what: "up", seconds: measured.upSeconds, target: kind === "code" ? targets.codeUp : undefined },
    { what: "websockets back after", seconds: measured.socketsBack, target: targets.socketsBack, instead: "not cut" },
    { what: "requests", seconds: measured.requests, unit: "count" },
  ];
}

/** The table of the comparison, of which nothing is asked. */
export function composeRows(measured: Measured): Row[] {
  return [
    { what: "failed requests", seconds: measured.failed, unit: "count" },
    { what: "lost writes", seconds: measured.lost, unit: "count" },
    { what: "doubled writes", seconds: measured.doubled, unit: "count" },
    { what: "longest time without an answer", seconds: measured.gap },
    { what: "longest wait of a request", seconds: measured.longestWait },
    { what: "docker compose up -d", seconds: measured.upSeconds },
    { what: "websockets back after", seconds: measured.socketsBack, instead: "not cut" },
    { what: "requests", seconds: measured.requests, unit: "count" },
  ];
}

/** The last line: of all environments together, the sum of what failed and the most seconds. */
export function closing(outcomes: readonly Outcome[]): string {
  const sum = (of: readonly Measured[], key: "failed" | "lost") =>
    figure(of.length === 0 ? undefined : of.reduce((total, measured) => total + measured[key], 0), "count");
  const most = (of: readonly Measured[], key: "longestWait" | "upSeconds" | "gap") =>
    figure(of.length === 0 ? undefined : Math.max(...of.map((measured) => measured[key])));
  const of = (kind: Release | "compose") => outcomes.flatMap((outcome) => outcome[kind] ?? []);
  const parts = releases.map((kind) => {
    const lost = `failed=${sum(of(kind), "failed")} lost_writes=${sum(of(kind), "lost")}`;
    return `${kind}: ${lost} longest_wait=${most(of(kind), "longestWait")} up=${most(of(kind), "upSeconds")}`;
  });
  const compose = `compose: failed=${sum(of("compose"), "failed")} gap=${most(of("compose"), "gap")}`;
  return `bench release: ${[...parts, compose].join("; ")}`;
}
