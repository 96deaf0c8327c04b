import { setTimeout as delay } from "node:timers/promises";
import { type Grown, growUnderLoad, underLoad } from "../support/growing";
import { GrowthLab, sharedFolder } from "../support/growthLab";
import { progress } from "../support/shell";
import { figure, type Row, table } from "./figures";

/** Requests wait no longer than that, in seconds. */
export const mostHeld = 10;

/** Bytes that the database has beside Odoo's own. */
const fillBytes = { quick: 10 * 1024 ** 2, full: 1024 ** 3 };

/** A step, and the longest that a request waited right before it, in seconds. */
interface Compared extends Grown {
  readonly usual: number;
}

/**
 * How long requests wait while production grows on servers: its database moves to a machine of its own (A to B), then its files to
 * a folder that two web machines have in common (B to C). Every write that was answered has to be there at the end. The servers are
 * on this machine, with Docker Engines of their own.
 * @param quick A to B alone, with a small database. The tests of growth measure in the same way (tests/stacks/growth.test.ts).
 */
export async function benchGrowth(quick: boolean): Promise<void> {
  const lab = await GrowthLab.open();
  const prod = (values: Record<string, unknown> = {}) =>
    lab.project.write(lab.project.prod, lab.project.prodValues({ protectData: false, ...values }));
  const up = (stack: string) => lab.mustUp(stack, { onLine: progress });
  const grow = async (command: string): Promise<Compared> => {
    const { hold: usual } = await underLoad(lab, () => delay(5000));
    return { ...(await growUnderLoad(lab, command)), usual };
  };
  try {
    lab.become("A");
    prod();
    await up(lab.project.name);
    await fill(lab, quick ? fillBytes.quick : fillBytes.full);
    lab.become("B");
    await up(lab.project.name);
    const toB = await grow("move-database");
    let toC: Compared | undefined;
    if (!quick) {
      await up(lab.project.name);
      lab.become("C");
      await up(lab.project.platform);
      prod({ filestore: { path: sharedFolder } });
      toC = await grow("move-filestore");
    }
    console.log(`\n${table([...rows("A to B", toB), ...(toC ? rows("B to C", toC) : [])])}\n`);
    console.log(growthLine(toB, toC));
  } finally {
    await lab.close();
  }
}

/** Gives the database some weight. */
async function fill(lab: GrowthLab, bytes: number): Promise<void> {
  const rows = Math.round(bytes / 1100);
  await lab.sql("CREATE TABLE weight (id bigint PRIMARY KEY, filler text)");
  const filler = "(SELECT string_agg(md5(random()::text || id || part), '') FROM generate_series(1, 32) AS part)";
  await lab.sql(`INSERT INTO weight SELECT id, ${filler} FROM generate_series(1, ${rows}) AS id`, 900);
}

const rows = (name: string, { hold, usual, lost, failures, writes, seconds }: Compared): Row[] => [
  { what: `${name}: the longest that a request waited`, seconds: hold, target: mostHeld, unit: "s" },
  { what: `${name}: the longest right before`, seconds: usual, unit: "s" },
  { what: `${name}: all of the command`, seconds, unit: "s" },
  { what: `${name}: writes that were answered`, seconds: writes, unit: "count" },
  { what: `${name}: of these lost`, seconds: lost.length, target: 0, unit: "count" },
  { what: `${name}: requests that failed`, seconds: failures.length, target: 0, unit: "count" },
];

/** The last line. */
export function growthLine(toB?: Grown, toC?: Grown): string {
  const of = (grown?: Grown) =>
    grown ? `hold=${figure(grown.hold, "s")} lost=${grown.lost.length}` : "hold=n/a lost=n/a";
  return `bench growth: A_to_B ${of(toB)}; B_to_C ${of(toC)}`;
}
