import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireFit, spaceProblems } from "../../../infra/operator/copy/fit";
import { findSet, timeOfSet } from "../../../infra/operator/copy/origin";
import { currentCopy, readCopies, writeCopy, type CopyRecord } from "../../../infra/operator/copy/record";

const gigabyte = 1024 ** 3;
const sets = ["20261123-191500-1a2b3c", "20261124-080000-aaaaaa"];

describe("what of another environment is copied", () => {
  it.each([
    ["latest", undefined],
    [sets[0], sets[0]],
    ["2026-11-24T07:59:59Z", sets[0]],
    ["2026-11-24T08:00:00Z", sets[1]],
    ["2026-11-24T09:30:00+01:00", sets[1]],
    ["2027-01-01T00:00:00Z", sets[1]],
  ])("%s is the set %s", (snapshot, set) => {
    expect(findSet(snapshot ?? "", sets)).toBe(set);
  });

  it("lists the sets there are where there is no such one", () => {
    expect(() => findSet("20200101-000000-abcdef", sets)).toThrow(/restore\.snapshot[\s\S]*There are: 20261123-191500/);
    expect(() => findSet("2020-01-01T00:00:00Z", sets)).toThrow(/a time after the first set/);
    expect(() => findSet("2020-01-01T00:00:00Z", [])).toThrow(/The source keeps none/);
  });

  it("is of the time that the set's name begins with", () => {
    expect(timeOfSet("20261123-191500-1a2b3c").toISOString()).toBe("2026-11-23T19:15:00.000Z");
  });
});

describe("the room for a copy", () => {
  const room = { database: 8 * gigabyte, files: 4 * gigabyte };

  it("is the database and a quarter of it, the files, and a gigabyte, where blocks can't be shared", () => {
    const copy = { ...room, method: "copy" as const, sharesFiles: false };
    expect(spaceProblems({ ...copy, freeForDatabase: 11 * gigabyte, freeForFiles: 4.25 * gigabyte })).toEqual([]);
    const [database, files] = spaceProblems({ ...copy, freeForDatabase: 10.9 * gigabyte, freeForFiles: 4 * gigabyte });
    expect(database).toMatchObject({ path: "the disk with the database's volume", expected: "11 GB free" });
    expect(files).toMatchObject({ path: "the disk with the filestore's volume", found: "4 GB free" });
  });

  it("is what is written anew where blocks are shared", () => {
    const copy = { ...room, method: "reflink" as const, sharesFiles: true };
    expect(spaceProblems({ ...copy, freeForDatabase: 3 * gigabyte, freeForFiles: gigabyte })).toEqual([]);
    expect(spaceProblems({ ...copy, freeForDatabase: 2.9 * gigabyte, freeForFiles: gigabyte })).toHaveLength(1);
  });

  it("is that of all files where only the cluster's blocks can be shared", () => {
    const copy = { ...room, method: "reflink" as const, sharesFiles: false, freeForDatabase: 3 * gigabyte };
    expect(spaceProblems({ ...copy, freeForFiles: gigabyte })).toMatchObject([{ expected: "4.3 GB free" }]);
    expect(spaceProblems({ ...copy, freeForFiles: 4.25 * gigabyte })).toEqual([]);
  });
});

describe("a cluster of another version", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
    writeFileSync(join(folder, "PG_VERSION"), "16\n");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is refused before anything is copied", async () => {
    const fit = requireFit(
      { cluster: { path: folder }, files: { path: folder } },
      { method: "copy", sharesFiles: false },
      "17",
    );
    await expect(fit).rejects.toThrow(/versions of PostgreSQL differ[\s\S]*PostgreSQL 17[\s\S]*one of 16/);
  });
});

describe("the records of copies", () => {
  const record = (id: string, switchedAt?: string) => ({ id, switchedAt }) as unknown as CopyRecord;

  it("are kept by ID, and the last one that was switched to is the data", () => {
    const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-test-"));
    try {
      expect(readCopies(folder)).toEqual([]);
      writeCopy(folder, record("20261124-080000-b", "2026-11-24T08:01:00Z"));
      writeCopy(folder, record("20261123-191500-a", "2026-11-25T10:00:00Z"));
      writeCopy(folder, record("20261126-000000-c"));
      const copies = readCopies(folder);
      expect(copies.map(({ id }) => id)).toEqual(["20261123-191500-a", "20261124-080000-b", "20261126-000000-c"]);
      expect(currentCopy(copies)?.id).toBe("20261123-191500-a");
      for (let number = 10; number < 70; number += 1) writeCopy(folder, record(`20270101-0000${number}-d`));
      // The last fifty, and the one that is in use.
      expect(readCopies(folder)).toHaveLength(51);
      expect(readCopies(folder)[0]?.id).toBe("20261123-191500-a");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
