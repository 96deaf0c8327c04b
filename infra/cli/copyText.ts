import { differences } from "../commands/differences";
import { formatSize } from "../core/units";
import type { CopyRecord } from "../operator/copy/record";
import { describeSecured } from "../operator/copy/securedReport";
import { copySteps } from "./copySteps";
import { elapsed } from "./display";
import { modulesText, versionOf } from "./history";
import { localTime } from "./table";

/** How old data is: `3 minutes`, `2 days`. */
export function ageText(from: string | Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - new Date(from).getTime()) / 60_000));
  const [count, unit] =
    minutes < 120
      ? [minutes, "minute"]
      : minutes < 2880
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes / 1440), "day"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A copy in a few lines: where it is from, how big, how long it took, and what was secured in it. */
export function copyLines(copy: CopyRecord, now: Date): string[] {
  const modules = modulesText(copy.modules);
  return [
    `Copy ${copy.id} of ${copy.source}${copy.set ? `, set ${copy.set}` : ""}`,
    `  data from  ${localTime(copy.dataFrom)}, ${ageText(copy.dataFrom, now)} old`,
    `  size       database ${formatSize(copy.bytes.database)}, ${copy.files} files of ${formatSize(copy.bytes.files)}`,
    `  way        ${copy.method}: ${copy.because}`,
    `  version    ${versionOf(copy.image.tag)}${modules ? `; ${modules}` : ""}`,
    ...Object.entries(copy.seconds).map(
      ([part, seconds]) => `  ${elapsed(seconds).padStart(9)}  ${copySteps[part] ?? part}`,
    ),
    ...describeSecured(copy.secured).trimEnd().split("\n"),
    `Settings are those of ${copy.source}, unless the environment's own file says otherwise. What differs on purpose:`,
    ...differences().map(({ what }) => `  ${what.replaceAll("`", "")}`),
  ];
}
