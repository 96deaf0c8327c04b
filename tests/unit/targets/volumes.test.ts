import { describe, expect, it } from "vitest";
import type { DataVolume } from "../../../infra/targets/target";
import { requireSamePlace } from "../../../infra/targets/volumes";

const place = { volumes: { "postgres-data": "acme-data", filestore: "acme-files" }, database: "odoo" };
const there: readonly DataVolume[] = [
  { name: "acme-data", role: "postgres-data", database: "odoo" },
  { name: "acme-files", role: "filestore" },
];
const check = (wanted: typeof place, existing: readonly DataVolume[]) => () =>
  requireSamePlace("acme", wanted, existing);

describe("where a stack's data is", () => {
  it("may be nowhere yet, or where the configuration says", () => {
    expect(check(place, [])).not.toThrow();
    expect(check(place, there)).not.toThrow();
    expect(check(place, there.slice(0, 1))).not.toThrow();
  });

  it("must not change for the database: the error has the old name and what to do", () => {
    const moved = { ...place, volumes: { ...place.volumes, "postgres-data": "other" } };
    expect(check(moved, there)).toThrow(
      /leave data of acme behind[\s\S]*database\.volume[\s\S]*"acme-data", which holds data of acme[\s\S]*found: +"other"[\s\S]*Put the old name back/,
    );
  });

  it("must not change for the files", () => {
    const moved = { ...place, volumes: { ...place.volumes, filestore: "other" } };
    expect(check(moved, there)).toThrow(/filestore\.volume[\s\S]*"acme-files"/);
  });

  it("must not change to another database in the same volume", () => {
    expect(check({ ...place, database: "odoo2" }, there)).toThrow(/database\.name[\s\S]*"odoo"[\s\S]*found: +"odoo2"/);
  });

  it("is reported in one go where several things would change", () => {
    const moved = { database: "odoo2", volumes: { "postgres-data": "acme-data", filestore: "other" } };
    expect(check(moved, there)).toThrow(/filestore\.volume[\s\S]*database\.name/);
  });

  it("may have older volumes beside it", () => {
    expect(check(place, [...there, { name: "acme-old", role: "postgres-data", database: "odoo" }])).not.toThrow();
  });
});
