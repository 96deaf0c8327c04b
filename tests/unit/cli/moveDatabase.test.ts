import { describe, expect, it } from "vitest";
import { forgetting, leftOn, type StateResource } from "../../../infra/cli/leftVolumes";
import { moveLines } from "../../../infra/cli/moveDatabase";
import type { KeptVolume } from "../../../infra/swarm/knownVolumes";
import type { MoveRecord } from "../../../infra/operator/move/plan";

describe("how a move went", () => {
  const record: MoveRecord = {
    ...{ id: "20261126-120000-abcdef", from: "main", to: "db", result: "moved", reason: "", volume: "prod-data" },
    ...{ bytes: 1024 ** 3, left: [], compared: 498, tables: 500, rows: 123_456, heldSeconds: 6.5, seconds: {} },
    ...{ startedAt: "2026-11-26T12:00:00Z", endedAt: "2026-11-26T12:01:30Z" },
    author: { user: "anna", host: "laptop", commit: "" },
  };

  it("has the hold, what was compared, and where the old copy is with the command that lets it go", () => {
    const text = moveLines("prod", record).join("\n");
    expect(text).toContain("The database of prod is on db now");
    expect(text).toContain("held for 6.5 s");
    expect(text).toContain("1 GB; 123456 rows compared, in 498 of 500 tables");
    expect(text).toContain("npx odoo-stacks let-go prod main");
    expect(text).not.toContain("sets");
  });

  it("has the sets that there is no way back to, the page, and what was left undone", () => {
    const more = { left: ["20261120-080000-aaaaaa"], pageSeconds: 4, reason: "Left undone: scheduled jobs: no answer" };
    const text = moveLines("prod", { ...record, ...more, tables: 498 }).join("\n");
    expect(text).toMatch(/20261120-080000-aaaaaa stay on main/);
    expect(text).toContain("then answered by the maintenance page for 4.0 s");
    expect(text).toContain("in all tables");
    expect(text).toContain("Left undone: scheduled jobs");
  });
});

describe("what was left behind on a machine", () => {
  const volumes: readonly KeptVolume[] = [
    { name: "prod-postgres-data", role: "postgres-data" },
    { name: "prod-filestore", role: "filestore" },
    { name: "prod-releases", role: "releases" },
    { name: "prod-filestore-shared", role: "filestore" },
  ];
  const left = (at: string, place: Parameters<typeof leftOn>[2]) =>
    leftOn("prod", at, place, volumes).map(({ name }) => name);

  it("is what is elsewhere by now", () => {
    expect(left("main", { database: "db", files: "main", shared: false, drained: [], down: [] })).toEqual([
      "prod-postgres-data",
      "prod-filestore-shared",
    ]);
    // Files that have come back to a volume have left the folder behind.
    expect(left("main", { database: "main", files: "main", shared: false, drained: [], down: [] })).toEqual([
      "prod-filestore-shared",
    ]);
    expect(left("old", { database: "db", files: "main", shared: false, drained: [], down: [] })).toHaveLength(4);
  });

  it("is, where files are shared, the volume that they were in before", () => {
    expect(left("main", { database: "main", files: "main", shared: true, drained: [], down: [] })).toEqual([
      "prod-filestore",
    ]);
    expect(left("web-2", { database: "main", files: "main", shared: true, drained: [], down: [] })).not.toContain(
      "prod-filestore-shared",
    );
  });

  it("is the database's volume where it was moved to RDS: on the machine that is marked, and on others", () => {
    const place = { database: "db", onRds: true, files: "main", shared: false, drained: [], down: [] };
    expect(left("db", place)).toContain("prod-postgres-data");
    expect(left("main", place)).toEqual(["prod-postgres-data", "prod-filestore-shared"]);
    expect(left("db", { ...place, onRds: undefined })).not.toContain("prod-postgres-data");
  });

  it("is nothing where nobody knows where the data is", () => {
    expect(left("main", { shared: false, drained: [], down: [] })).toEqual([]);
  });
});

describe("what goes out of Pulumi's state", () => {
  const urn = (name: string, type = "docker:index/volume:Volume") => `urn:pulumi:prod::odoo-stacks::${type}::${name}`;
  const provider = (name: string) => urn(name, "pulumi:providers:docker");
  const volume = (name: string, by: string): StateResource => ({
    ...{ urn: urn(name), type: "docker:index/volume:Volume", provider: `${provider(by)}::id-1` },
  });
  const service = (needs: string): StateResource => ({
    ...{ urn: urn("prod-database-service", "docker:index/service:Service"), type: "docker:index/service:Service" },
    ...{ provider: `${provider("prod-docker")}::id-0`, dependencies: [urn(needs)] },
  });
  const providers = ["prod-docker", "prod-docker-db"].map((name): StateResource => ({
    ...{ urn: provider(name), type: "pulumi:providers:docker" },
  }));

  it("is the volume alone where its provider has other work", () => {
    const resources = [...providers, volume("prod-database-data", "prod-docker"), service("prod-database-data-db")];
    expect(forgetting(resources, ["prod-database-data"])).toEqual({
      ...{ volumes: [urn("prod-database-data")], providers: [], needed: [] },
    });
  });

  it("is the provider as well where nothing else is made by it", () => {
    const resources = [...providers, volume("prod-database-data-db", "prod-docker-db"), service("prod-database-data")];
    expect(forgetting(resources, ["prod-database-data-db"])).toMatchObject({
      ...{ volumes: [urn("prod-database-data-db")], providers: [provider("prod-docker-db")], needed: [] },
    });
  });

  it("is nothing while the service is still declared with the old volume", () => {
    const resources = [...providers, volume("prod-database-data", "prod-docker"), service("prod-database-data")];
    expect(forgetting(resources, ["prod-database-data"]).needed).toEqual([
      urn("prod-database-service", "docker:index/service:Service"),
    ]);
  });

  it("is nothing where an `up` has never known the volume", () => {
    expect(forgetting(providers, ["prod-database-data"])).toEqual({ volumes: [], providers: [], needed: [] });
  });
});
