import { describe, expect, it } from "vitest";
import { table } from "../../bench/figures";
import type { Noticed } from "../../bench/production";
import { closing, comparedRows, type Measured, type Refresh, stagingRows } from "../../bench/stagingFigures";

const noticed = (values: Partial<Noticed> = {}): Noticed => ({
  ...{ p95Before: 40, p95During: 60, requests: 900, failed: 0, lost: 0, failures: [] },
  ...values,
});

const refresh = (database: number, values: Partial<Noticed> = {}): Refresh => ({
  copy: {
    seconds: { database, files: 1, open: 1, secure: 10, modules: 1, page: 4, keep: 2 },
    startedAt: "2026-11-25T12:00:00.000Z",
    endedAt: "2026-11-25T12:00:25.000Z",
    secured: { seconds: { neutralise: 2, "personal data": 7 } },
  },
  before: 5,
  command: 50,
  noticed: noticed(values),
});

const measured = (values: Partial<Measured> = {}): Measured => ({
  filesystem: "XFS",
  size: "1GB",
  refreshes: [refresh(2)],
  ...values,
});

const other = (...seconds: readonly number[]) => ({
  seconds: Object.fromEntries(seconds.map((value, index) => [`part ${index}`, value])),
  noticed: noticed({ p95Before: undefined }),
});

const xfs = [
  measured({ dumpRestore: other(20, 3), baseBackup: other(9) }),
  measured({
    ...{ size: "8GB", dumpRestore: other(100, 8), baseBackup: other(80) },
    refreshes: [refresh(9), refresh(3, { p95During: 100 }), refresh(2)],
  }),
];
const plain = measured({ filesystem: "ext4", dumpRestore: other(30), baseBackup: other(2, 2.5) });

describe("the figures of staging", () => {
  it("are, in the last line, of the place in which each is compared, and of the refresh that disturbed most", () => {
    expect(closing([...xfs, plain])).toBe(
      "bench staging: ours_reflink=1GB:4.00s,8GB:5.00s ours_plain=1GB:4.00s dump_restore=1GB:23.0s,8GB:108.0s " +
        "basebackup=1GB:4.50s prod_p95_before=40.0ms prod_p95_during=100.0ms",
    );
  });

  it("are n/a where nothing was measured; without sharing, the dump is of the plain filesystem", () => {
    expect(closing([plain])).toMatch(/ours_reflink=n\/a ours_plain=1GB:4.00s dump_restore=1GB:30.0s /);
    expect(closing([])).toBe(
      "bench staging: ours_reflink=n/a ours_plain=n/a dump_restore=n/a basebackup=n/a " +
        "prod_p95_before=n/a prod_p95_during=n/a",
    );
    expect(table(comparedRows([plain]))).toMatch(/dump and restore to copy and open +n\/a +≥ 4×$/m);
  });

  it("are held against what is asked for, the middle one of several", () => {
    const [, largest = plain] = xfs;
    const rows = table(stagingRows(largest));
    expect(rows).toMatch(/^refresh: copy and open +5.00s +≤ 10s +met$/m);
    expect(rows).toMatch(/^refresh: first page, since the copy began +23.0s +≤ 30s +met$/m);
    expect(rows).toMatch(/^refresh: secure: personal data +7.00s$/m);
    expect(rows).toMatch(/^dump and restore: all +108.0s$/m);
    expect(rows).toMatch(/^the second to the first +2.50× +≤ 2× +MISSED$/m);
    expect(rows).toMatch(/^failed requests +0 +≤ 0 +met$/m);
    expect(table(stagingRows(plain))).toMatch(/^refresh: copy and open +4.00s$/m);
  });

  it("are compared with other sizes and other ways", () => {
    const rows = table(comparedRows([...xfs, plain]));
    expect(rows).toMatch(/^reflink: copy and open, 8GB to 1GB +1.25× +≤ 1.3× +met$/m);
    expect(rows).toMatch(/^reflink, 8GB: dump and restore to copy and open +21.6× +≥ 4× +met$/m);
    expect(rows).toMatch(/^plain, 1GB: copy and open to base backup +0.89× +≤ 1× +met$/m);
  });
});
