import { describe, expect, it } from "vitest";
import { refuseReplacement } from "../../../../infra/config/aws/replacement";
import { UserError } from "../../../../infra/core/errors";

const before = {
  ...{ identifier: "acme-prod", engine: "postgres", engineVersion: "17.6", storageEncrypted: true, kmsKeyId: "key-1" },
  ...{ username: "odoo_stacks_admin", dbName: "", snapshotIdentifier: "snapshot-1", availabilityZone: "eu-central-1a" },
  allocatedStorage: 50,
};

describe("a change of a database on RDS", () => {
  it.each([
    ["identifier", "acme-production"],
    ["engine", "mysql"],
    ["engineVersion", "18"],
    ["storageEncrypted", false],
    ["kmsKeyId", "key-2"],
    ["username", "root"],
    ["dbName", "acme"],
    ["snapshotIdentifier", "snapshot-2"],
    ["availabilityZone", "eu-central-1b"],
    ["allocatedStorage", 49],
  ])("of %s is refused, with the property and the way out", (property, wanted) => {
    const change = () => refuseReplacement("rds", "The database acme-prod", before, { ...before, [property]: wanted });
    expect(change).toThrow(UserError);
    expect(change).toThrow(/^The database acme-prod has data/);
    expect(change).toThrow(new RegExp(`${property}[\\s\\S]*found: +${wanted}[\\s\\S]*hint: +\\w+`));
  });

  it.each([
    ["nothing", {}],
    ["a minor version", { engineVersion: "17" }],
    ["more storage", { allocatedStorage: 100 }],
    ["a snapshot that is gone", { snapshotIdentifier: undefined }],
    ["what is not fixed", { instanceClass: "db.m7g.large", multiAz: true }],
  ])("of %s goes through", (_, more) => {
    expect(() => refuseReplacement("rds", "it", before, { ...before, ...more })).not.toThrow();
  });

  it("tells of all at once", () => {
    const change = () => refuseReplacement("rds", "it", before, { kmsKeyId: "2", username: "x" });
    expect(change).toThrow(/username[\s\S]*kmsKeyId/);
  });

  it("is none where nothing is there yet", () => {
    expect(() => refuseReplacement("rds", "it", undefined, before)).not.toThrow();
  });
});

describe("other resources with data", () => {
  it("are not replaced either", () => {
    expect(() => refuseReplacement("efs", "The files", { kmsKeyId: "1" }, { kmsKeyId: "2" })).toThrow(/copied/);
    expect(() => refuseReplacement("bucket", "The backups", { bucket: "a" }, { bucket: "b" })).toThrow(/renamed/);
  });
});
