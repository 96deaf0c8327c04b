import { describe, expect, it } from "vitest";
import { machineOfVolume, readLastPlace, resourceName } from "../../../infra/swarm/knownVolumes";

const roles = ["postgres-data", "filestore", "releases"] as const;

describe("a volume in Pulumi's state", () => {
  it("is named as programs name it", () => {
    const names = roles.map((role) => resourceName("prod", { name: `prod-${role}`, role }, "-db"));
    expect(names).toEqual(["prod-database-data-db", "prod-odoo-filestore-db", "prod-odoo-releases-db"]);
    const shared = { name: "prod-filestore-shared", role: "filestore" };
    expect(resourceName("prod", shared, "")).toBe("prod-odoo-shared-filestore");
  });

  it("has the name of its machine, whatever that is, unless it is the manager's", () => {
    for (const role of roles) {
      const on = (suffix: string) => machineOfVolume("prod", resourceName("prod", { name: "prod-a", role }, suffix));
      expect([on("-web-2"), on("-2"), on("-filestore")]).toEqual(["web-2", "2", "filestore"]);
      expect(on("")).toBeUndefined();
    }
    expect(machineOfVolume("prod", "prod-odoo-shared-filestore-web-2")).toBe("web-2");
    expect(machineOfVolume("prod", "prod-mail-data-web-2")).toBeUndefined();
  });
});

describe("where data was at the last up", () => {
  it("is what the step that marks it was told", () => {
    const last = { database: "db", files: "web", shared: true };
    expect(readLastPlace(JSON.stringify({ stack: "prod", ...last }))).toMatchObject(last);
    expect(readLastPlace(undefined)).toBeUndefined();
  });
});
