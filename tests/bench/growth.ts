import { GrowthLab, sharedFolder } from "../support/growthLab";
import { progress, succeeded } from "../support/shell";
import { lostWrites, whileWriting, type Writes } from "../support/writes";
import { figure, type Row, table } from "./figures";

/** Requests wait no longer than that, in seconds. */
const mostHeld = 10;

/** Bytes that the database has beside Odoo's own. */
const fillBytes = { quick: 0, full: 1024 ** 3 };

/** What one step of growth was like for those who work meanwhile. */
interface Grown {
  /** The longest that a request waited, in seconds. */
  readonly hold: number;
  /** The longest without it, a moment before, in seconds. */
  readonly usual: number;
  readonly lost: number;
  readonly failed: number;
  readonly writes: number;
  /** How long the command took, in seconds. */
  readonly seconds: number;
}

/**
 * How long requests wait while production grows on servers: its database moves to a machine of its own (A to B), then its files to
 * a folder that two web machines have in common (B to C). All the time contacts are made, ten a second, and pages asked for, twenty a
 * second; every write that was answered has to be there at the end. The servers are on this machine, with Docker Engines of their own.
 * @param quick A to B alone, with a small database.
 */
export async function benchGrowth(quick: boolean): Promise<void> {
  const lab = await GrowthLab.open();
  const prod = (values: Record<string, unknown> = {}) =>
    lab.project.write(lab.project.prod, lab.project.prodValues({ protectData: false, ...values }));
  const up = (stack: string) => lab.mustUp(stack, { onLine: progress });
  const grow = async (command: string): Promise<Grown> => {
    const usual = await underLoad(lab, () => new Promise<void>((resolve) => setTimeout(resolve, 5000)));
    const moved = await underLoad(lab, () =>
      lab.project.cli([command, lab.project.prod, "--yes"], { timeoutSeconds: 900, onLine: progress }).then(succeeded),
    );
    const lost = await lostWrites(moved.writes, (query) => lab.sql(query));
    return { ...moved, usual: usual.hold, lost: lost.length, writes: moved.writes.acknowledged.length };
  };
  try {
    lab.become("A");
    prod();
    await up(lab.project.name);
    await fill(lab, quick ? fillBytes.quick : fillBytes.full);
    lab.become("B");
    await up(lab.project.name);
    const toB = await grow("move-database");
    let toC: Grown | undefined;
    if (!quick) {
      await up(lab.project.name);
      lab.become("C");
      await up(lab.project.platform);
      prod({ filestore: { path: sharedFolder } });
      toC = await grow("move-filestore");
    }
    console.log(`\n${table([...rows("A to B", toB), ...(toC ? rows("B to C", toC) : [])])}\n`);
    console.log(`bench growth: A_to_B ${closing(toB)}; B_to_C ${closing(toC)}`);
  } finally {
    await lab.close();
  }
}

/** Does something while people read and write. */
async function underLoad(
  lab: GrowthLab,
  action: () => Promise<unknown>,
): Promise<{ hold: number; failed: number; seconds: number; writes: Writes }> {
  const client = await lab.loggedIn();
  let seconds = 0;
  const { result: visits, writes } = await whileWriting(client, async () => {
    const { visits: seen } = await lab.whileVisited(async () => {
      const start = performance.now();
      await action();
      seconds = (performance.now() - start) / 1000;
    });
    return seen;
  });
  const hold = Math.max(visits.longestSeconds, writes.longestSeconds);
  return { hold, failed: visits.failures.length + writes.failures.length, seconds, writes };
}

/** Gives the database some weight. */
async function fill(lab: GrowthLab, bytes: number): Promise<void> {
  if (bytes === 0) return;
  const rows = Math.round(bytes / 1100);
  await lab.sql("CREATE TABLE weight (id bigint PRIMARY KEY, filler text)");
  await lab.sql(
    `INSERT INTO weight SELECT id, (SELECT string_agg(md5(random()::text || id), '') FROM generate_series(1, 32)) FROM generate_series(1, ${rows}) AS id`,
  );
}

const rows = (name: string, { hold, usual, lost, failed, writes, seconds }: Grown): Row[] => [
  { what: `${name}: the longest that a request waited`, seconds: hold, target: mostHeld, unit: "s" },
  { what: `${name}: the longest right before`, seconds: usual, unit: "s" },
  { what: `${name}: all of the command`, seconds, unit: "s" },
  { what: `${name}: writes that were answered`, seconds: writes, unit: "count" },
  { what: `${name}: of these lost`, seconds: lost, target: 0, unit: "count" },
  { what: `${name}: requests that failed`, seconds: failed, target: 0, unit: "count" },
];

const closing = (grown?: Grown): string =>
  grown ? `hold=${figure(grown.hold, "s")} lost=${grown.lost}` : "hold=n/a lost=n/a";
