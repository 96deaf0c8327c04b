import { describe, expect, it } from "vitest";
import { table } from "../../bench/figures";
import { closing, releaseRows } from "../../bench/releaseFigures";
import type { Measured } from "../../bench/underLoad";

const measured = (values: Partial<Measured> = {}): Measured => ({
  requests: 400,
  failed: 0,
  lost: 0,
  doubled: 0,
  longestWait: 0.5,
  gap: 0.4,
  socketsBack: undefined,
  upSeconds: 7,
  held: 0,
  modules: 0,
  failures: [],
  slowest: undefined,
  ...values,
});

describe("the figures of releases", () => {
  it("are, in the last line, the worst of all environments", () => {
    const code = measured();
    const outcomes = [
      { code, upgrade: measured({ failed: 1, longestWait: 5 }), compose: measured({ failed: 90, gap: 8.125 }) },
      { code: measured({ upSeconds: 12.34 }), upgrade: measured({ failed: 2, lost: 1, longestWait: 4 }) },
    ];
    expect(closing(outcomes)).toBe(
      "bench release: code: failed=0 lost_writes=0 longest_wait=0.50s up=12.3s; " +
        "upgrade: failed=3 lost_writes=1 longest_wait=5.00s up=7.00s; compose: failed=90 gap=8.13s",
    );
    expect(closing([])).toContain("compose: failed=n/a gap=n/a");
  });

  it("are held against what is asked for: a wait of an upgrade against its hold", () => {
    const rows = table(releaseRows("upgrade", measured({ held: 4, longestWait: 6.5, failed: 1 })));
    expect(rows).toMatch(/failed requests +1 +≤ 0 +MISSED/);
    expect(rows).toMatch(/longest wait of a request +6.50s +≤ 6s +MISSED/);
    expect(rows).toMatch(/websockets back after +not cut +≤ 5s$/m);
    expect(table(releaseRows("code", measured()))).toMatch(/^up +7.00s +≤ 8s +met$/m);
  });
});
