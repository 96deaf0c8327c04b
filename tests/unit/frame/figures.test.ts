import { describe, expect, it } from "vitest";
import { figure, median, quantile, table } from "../../bench/figures";

describe("the figures of a bench", () => {
  it("are medians", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it("are what most measurements do not exceed", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(hundred, 0.95)).toBe(95);
    expect(quantile([7, 3], 0.95)).toBe(7);
    expect(quantile([7], 0.5)).toBe(7);
    expect(quantile([], 0.95)).toBeNaN();
  });

  it("say so where nothing was measured", () => {
    expect(figure(undefined)).toBe("n/a");
    expect(figure(1.234)).toBe("1.23s");
    expect(figure(61.27)).toBe("61.3s");
    expect(figure(1.5, "")).toBe("1.50");
    expect(figure(61.27, "ms")).toBe("61.3ms");
  });

  it("stand beside what they are to reach, met or missed", () => {
    const lines = table([
      { what: "fast", seconds: 1, target: 2 },
      { what: "slow", seconds: 3, target: 2 },
      { what: "never", seconds: undefined, target: 2 },
      { what: "much", seconds: 5, least: 4, unit: "×" },
      { what: "little", seconds: 3, least: 4, unit: "×" },
    ]).split("\n");
    expect(lines.slice(1)).toEqual([
      "fast    1.00s     ≤ 2s    met",
      "slow    3.00s     ≤ 2s    MISSED",
      "never   n/a       ≤ 2s",
      "much    5.00×     ≥ 4×    met",
      "little  3.00×     ≥ 4×    MISSED",
    ]);
  });
});
