/** What became of one request. */
export interface Answered {
  /** What it asked for. */
  readonly kind: "page" | "read" | "write";
  /** When it was sent and when its answer was there in full, or it had failed; in seconds of one clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Why it counts as failed; undefined where it was answered well. */
  readonly failure?: string;
}

/** What became of the writes, as the database tells it. */
export interface WritesKept {
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There more than once. */
  readonly doubled: readonly string[];
}

/**
 * Compares the writes that were acknowledged with what is in the database. One that is there without an acknowledgement is
 * no fault: its answer may have been cut off.
 * @param acknowledged The mark of each write whose success was answered.
 * @param found How often each mark is in the database; marks that are not there are left out.
 */
export function compareWrites(acknowledged: Iterable<string>, found: ReadonlyMap<string, number>): WritesKept {
  return {
    lost: [...acknowledged].filter((mark) => !found.has(mark)),
    doubled: [...found].filter(([, count]) => count > 1).map(([mark]) => mark),
  };
}

/** The longest that one request took, failed or not; undefined without any. */
export function longestWait(requests: readonly Answered[]): Answered | undefined {
  const wait = ({ startedAt, endedAt }: Answered) => endedAt - startedAt;
  return requests.reduce<Answered | undefined>(
    (longest, request) => (longest && wait(longest) >= wait(request) ? longest : request),
    undefined,
  );
}

/**
 * The longest time without any good answer, in seconds.
 * @param requests All requests.
 * @param from When the first was sent; the time until the first good answer counts.
 * @param to When the last was sent; the time since the last good answer counts, and what was answered later does not.
 */
export function longestGap(requests: readonly Answered[], from: number, to: number): number {
  const good = requests
    .filter(({ failure, endedAt }) => failure === undefined && endedAt <= to)
    .map(({ endedAt }) => endedAt);
  const moments = [from, ...good.sort((a, b) => a - b), to];
  return Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment)));
}
