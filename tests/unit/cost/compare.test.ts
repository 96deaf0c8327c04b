import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../../infra/cost/compare";
import { estimate, total } from "../../../infra/cost/estimate";
import { given, types } from "./given";

const instance = (instanceType: string) => given(types.instance, { instanceType });

describe("a comparison", () => {
  it("has what goes, what comes and what stays", () => {
    const rows = compare(estimate([instance("t4g.small")]), estimate([instance("t4g.medium"), given(types.eip)]));
    expect(rows.map(({ what, before, after }) => [what, before !== undefined, after !== undefined])).toEqual([
      ["instance t4g.small", true, false],
      ["root volume gp3", true, true],
      ["instance t4g.medium", false, true],
      ["public IPv4 address", false, true],
      ["data to the internet", false, true],
    ]);
  });

  it("marks what is not estimated on either side", () => {
    const [row] = compare(estimate([given("aws:x/y:Y")]), []);
    expect(row).toMatchObject({ notEstimated: true, before: undefined, after: undefined, difference: 0 });
  });

  it("differs by what the totals differ by", () => {
    const size = fc.record({ type: fc.constant("gp3"), size: fc.integer({ min: 1, max: 16_000 }) });
    const stack = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c"), size), { selector: ([name]) => name });
    const volumes = (of: [string, object][]) =>
      estimate(of.map(([name, inputs]) => given(types.volume, { ...inputs }, { name })));
    fc.assert(
      fc.property(stack, stack, (first, second) => {
        const [before, after] = [volumes(first), volumes(second)];
        const differences = compare(before, after).reduce((sum, { difference }) => sum + difference, 0);
        expect(differences).toBeCloseTo(total(after) - total(before), 6);
      }),
    );
  });
});
