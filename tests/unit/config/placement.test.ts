import { describe, expect, it } from "vitest";
import { type Carrier, placements } from "../../../infra/config/placement";
import { machineRoles } from "../../../infra/config/platformSchema";

const main: Carrier = { name: "main", roles: machineRoles };
const web: Carrier = { name: "web", roles: ["production", "proxy"] };
const secondWeb: Carrier = { name: "web-2", roles: ["production"] };
const db: Carrier = { name: "db", roles: ["database"] };
const test: Carrier = { name: "test", roles: ["nonproduction"] };

const onTest = { database: "test", web: ["test"] };

describe("where stages belong", () => {
  it("on a single host is that host", () => {
    const on = { database: "main", web: ["main"] };
    expect(placements([main], 1)).toEqual({ production: on, staging: on, development: on });
  });

  it("where PostgreSQL has a machine of its own is that for production alone", () => {
    expect(placements([web, db, test], 1)).toEqual({
      production: { database: "db", web: ["web"] },
      ...{ staging: onTest, development: onTest },
    });
  });

  it("is a web container on each web machine, in the order of the list", () => {
    expect(placements([web, db, secondWeb, test], 2)).toEqual({
      production: { database: "db", web: ["web", "web-2"] },
      ...{ staging: onTest, development: onTest },
    });
  });

  it("is production's first web machine for other stages that have none of their own", () => {
    const beside = { database: "web", web: ["web"] };
    expect(placements([db, web, secondWeb], 2)).toMatchObject({ staging: beside, development: beside });
  });

  it("may be PostgreSQL's machine for other stages, where that is to carry them", () => {
    const both: Carrier = { name: "db", roles: ["database", "nonproduction"] };
    const beside = { database: "db", web: ["db"] };
    expect(placements([web, both], 1)).toEqual({
      production: { database: "db", web: ["web"] },
      ...{ staging: beside, development: beside },
    });
  });

  it("on this machine is as many containers side by side as there would be machines", () => {
    expect(placements([{ ...main, name: "local" }], 3).production).toEqual({
      ...{ database: "local", web: ["local", "local", "local"] },
    });
  });
});
