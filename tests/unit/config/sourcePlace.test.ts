import { describe, expect, it } from "vitest";
import type { Placement } from "../../../infra/config/platformOutput";
import { sourcePlaceOf } from "../../../infra/config/sourcePlace";

const machine = (name: string) => ({
  ...{ name, dockerHost: `ssh://root@${name}`, cores: 2, memoryBytes: 1e9, reserveBytes: 0 },
});
const apart: Placement = { database: "staging", web: ["staging"] };
const platform = {
  machines: ["web1", "web2", "db", "staging"].map(machine),
  placement: { production: { database: "db", web: ["web1", "web2"] }, staging: apart, development: apart },
};
const production = { stage: "production" } as const;

describe("where the data is that an environment is copied from", () => {
  it("names the machines that it is on, but for the own one", () => {
    const place = { database: "db", files: "web1", shared: false };
    const filesHost = "ssh://root@web1";
    expect(sourcePlaceOf(platform, production, place, "staging")).toEqual({
      ...{ filesHost, elsewhere: { database: "db", files: "web1" } },
    });
    expect(sourcePlaceOf(platform, production, place, "web1")).toEqual({ filesHost, elsewhere: { database: "db" } });
    expect(sourcePlaceOf(platform, production, place, "db")).toEqual({ filesHost, elsewhere: { files: "web1" } });
    const here = { database: "web1", files: "web1", shared: false };
    expect(sourcePlaceOf(platform, production, here, "web1")).toEqual({ filesHost });
  });

  it("is the own machine where that shares the files", () => {
    const place = { database: "db", files: "web1", shared: true };
    const elsewhere = { database: "db" };
    expect(sourcePlaceOf(platform, production, place, "web2")).toEqual({ filesHost: "ssh://root@web2", elsewhere });
    expect(sourcePlaceOf(platform, production, place, "staging")).toMatchObject({ filesHost: "ssh://root@web1" });
  });

  it("is no machine for a database on RDS; its files are where they are, also in a folder that machines share", () => {
    const onRds = { ...production, onRds: true };
    const elsewhere = { files: "web1" };
    for (const shared of [false, true]) {
      const place = { files: "web1", shared };
      const found = sourcePlaceOf(platform, onRds, place, "staging");
      expect(found).toEqual({ filesHost: "ssh://root@web1", elsewhere });
    }
    expect(sourcePlaceOf(platform, onRds, { files: "web1", shared: true }, "web2")).toEqual({
      filesHost: "ssh://root@web2",
    });
  });

  it("is the first machine where nothing is known", () => {
    expect(sourcePlaceOf(platform, production, { shared: false }, "web1")).toEqual({ filesHost: "ssh://root@web1" });
  });
});
