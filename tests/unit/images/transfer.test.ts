import { describe, expect, it } from "vitest";
import { sharedLayers } from "../../../infra/images/transfer";

describe("layers that need not be copied", () => {
  it.each([
    [["a", "b", "c"], [["a", "b", "x"], ["a"]], 2],
    [["a", "b"], [["a", "b"]], 2],
    // A layer counts together with those below it.
    [["a", "b", "c"], [["x", "b", "c"]], 0],
    [["a"], [], 0],
  ])("of %j beside %j are %d", (layers, others, expected) => {
    expect(sharedLayers(layers, others)).toBe(expected);
  });
});
