import type { Report } from "../../core/report";

/** Progress is told so often, in seconds. */
const tellSeconds = 2;

/** A file's name, owner and times, packed, take about so much, in bytes. */
export const headBytes = 1536;

/** Tells how much has come, every other second. */
export class Meter {
  private done = 0;
  private told = performance.now();
  private readonly since = performance.now();

  /** @param whole How much is to come. */
  constructor(
    private readonly whole: number,
    private readonly report: Report,
  ) {}

  /** @param count How much more has come. */
  add(count: number): void {
    this.done += count;
    const now = performance.now();
    if (now - this.told < tellSeconds * 1000) return;
    this.told = now;
    const part = Math.min(1, this.done / this.whole);
    const left = ((now - this.since) / 1000) * (1 / part - 1);
    this.report(`${Math.floor(part * 100)} %, ${leftText(left)}`);
  }
}

/** `about 40 s left`, `about 3 min left`. */
export const leftText = (seconds: number): string =>
  seconds < 100 ? `about ${Math.ceil(seconds)} s left` : `about ${Math.ceil(seconds / 60)} min left`;
