import type { ModuleChanges, ReleaseRecord } from "../operator/plan";
import type { Overview } from "../operator/show";
import type { TestRun } from "../operator/tests";
import { type CommonOptions, elapsed } from "./display";
import { openEnvironment } from "./environment";
import { placeText } from "./filesMove";
import { columns, localTime } from "./table";
import { watchedText } from "./watchedText";

/** Lists what was released on an environment, the newest last. */
export async function history({ stack, ...options }: CommonOptions & { stack: string }): Promise<void> {
  const { file, operator } = await openEnvironment(stack, (line) => console.error(line));
  const overview = await operator.overview();
  if (options.json) console.log(JSON.stringify(asJson(overview)));
  else if (!overview || overview.history.length === 0) console.log(`Nothing has been released on ${file.name} yet.`);
  else for (const line of historyLines(overview)) console.log(line);
}

/** The releases with what is known of each beside its record. */
function asJson(overview: Overview | undefined): unknown[] {
  return (overview?.history ?? []).map((record) => ({
    ...record,
    version: versionOf(record.image.tag),
    durationSeconds: durationOf(record),
    set: overview?.sets.includes(record.id) ?? false,
    tests: overview?.tests.filter(({ image }) => image.id === record.image.id) ?? [],
  }));
}

/** The part of an image's tag that tells versions apart. */
export const versionOf = (tag: string): string => tag.split(":").at(-1) ?? tag;

/** How long a release took, in seconds. */
const durationOf = ({ startedAt, endedAt }: ReleaseRecord): number =>
  (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;

/** What was installed, upgraded and uninstalled, by name; empty where nothing was. */
export function modulesText({ install, upgrade, uninstall }: ModuleChanges): string {
  const named = (what: string, modules: readonly string[]) =>
    modules.length > 0 ? [`${what} ${modules.join(", ")}`] : [];
  return [...named("installed", install), ...named("upgraded", upgrade), ...named("uninstalled", uninstall)].join("; ");
}

const heads = ["RELEASE", "WHEN", "VERSION", "RESULT", "TOOK", "HELD", "SET", "WHO"];

/** The releases as a table; under each, indented, what there is more to say of it. Tests of other versions come last. */
export function historyLines({
  history: records,
  sets,
  tests,
}: Pick<Overview, "history" | "sets" | "tests">): string[] {
  const rows = records.map((record) => [
    record.id,
    localTime(record.startedAt),
    versionOf(record.image.tag),
    record.result,
    elapsed(durationOf(record)),
    record.heldSeconds > 0 ? elapsed(record.heldSeconds) : "-",
    sets.includes(record.id) ? "kept" : "-",
    `${record.author.user}@${record.author.host} ${shortCommit(record.author.commit)}`.trim(),
  ]);
  const [head = "", ...lines] = columns([heads, ...rows]);
  const unreleased = tests.filter(({ image }) => records.every((record) => record.image.id !== image.id));
  return [
    head,
    ...records.flatMap((record, index) => [lines[index] ?? "", ...details(record, tests).map(indent)]),
    ...unreleased.map((run) => `never released: ${versionOf(run.image.tag)}, ${testedText(run)}`),
  ];
}

const testedText = (run: TestRun): string => `tested ${localTime(run.startedAt)}: ${testsText(run)}`;

function details(record: ReleaseRecord, tests: readonly TestRun[]): string[] {
  const tested = tests.filter(({ image }) => image.id === record.image.id);
  const named = (what: string, text = "") => (text ? [`${what}: ${text}`] : []);
  return [
    ...named("modules", modulesText(record.modules)),
    ...named("page shown for", record.pageSeconds === undefined ? "" : elapsed(record.pageSeconds)),
    ...named("rehearsed", record.rehearsedSeconds === undefined ? "" : elapsed(record.rehearsedSeconds)),
    ...named("data replaced by copy", record.copy),
    ...named("files moved", record.files && `${placeText(record.files.from)} → ${placeText(record.files.to)}`),
    ...named("let through the gate", record.override),
    ...(record.watched ? [watchedText(record.watched)] : []),
    ...(record.watched?.failures ?? []).flatMap((text) => text.split("\n")).map(indent),
    ...tested.map(testedText),
    ...named("reason", record.reason).flatMap((text) => text.split("\n")),
  ];
}

/** The outcome of a run of tests in a few words. */
export const testsText = ({ passed, failed, skipped, modules }: TestRun): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""} (${modules.join(", ")})`;

const indent = (line: string): string => `    ${line}`;

/** `3f2a1b9c…` as git shortens it; a `+` that marks changed files stays. */
const shortCommit = (commit: string): string => commit.slice(0, 7) + (commit.endsWith("+") ? "+" : "");
