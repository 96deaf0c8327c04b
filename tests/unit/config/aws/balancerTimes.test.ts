import { describe, expect, it } from "vitest";
import { balancerTimes } from "../../../../infra/config/awsBalancerTimes";

describe("a balancer's time limits", () => {
  it("are those of a request that is held, and answered late after that", () => {
    expect(balancerTimes(120, 150)).toEqual({ idle: 280, deregistration: 280 });
  });

  it("keep to what AWS allows", () => {
    expect(balancerTimes(3_000, 990)).toEqual({ idle: 4_000, deregistration: 3_600 });
    expect(() => balancerTimes(3_600, 600)).toThrow(
      /proxy\.responseTimeout[\s\S]*at most 3990 seconds[\s\S]*600 seconds, and 3600 seconds of hold/,
    );
  });
});
