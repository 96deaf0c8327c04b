import { describe, expect, it } from "vitest";
import { copyAll, copyTwins, type FilesRoute, listThere, pack } from "../../../infra/operator/files/argv";
import { chosen } from "../../../infra/operator/files/bring";
import { leftText } from "../../../infra/operator/files/meter";
import { type Entry, type Listing, ListingReader, sizeOfListing } from "../../../infra/operator/files/listing";
import { differences, mirroredFiles, missing } from "../../../infra/operator/files/missing";

const file = (bytes: number, changed = "1764000000.5"): Entry => ({ kind: "f", bytes, changed, owner: "100:101 644" });
const folder = (owner = "100:101 755"): Entry => ({ kind: "d", bytes: 4096, changed: "1764000000.5", owner });
const listing = (entries: Record<string, Entry>): Listing => new Map(Object.entries(entries));
const sha = (letter: string) => `${letter}${letter}/${letter.repeat(40)}`;

describe("a listing", () => {
  it("is read piece by piece, with names of any kind", () => {
    const reader = new ListingReader();
    const printed = ["d 4096 1764000000.5 100:101 755 .", "f 12 1764000001.25 100:101 600 ./sessions/a b\nc", ""];
    for (const piece of printed.join("\0").match(/[^]{1,7}/g) ?? []) reader.take(piece);
    expect([...reader.entries]).toEqual([
      [".", folder()],
      ["sessions/a b\nc", { kind: "f", bytes: 12, changed: "1764000001.25", owner: "100:101 600" }],
    ]);
    expect(sizeOfListing(reader.entries)).toEqual({ files: 1, bytes: 12 });
    expect(() => reader.take("find: what is this\0")).toThrow(/something else/);
  });
});

describe("what a place lacks", () => {
  it("is everything at first, folders with their owners before what is in them", () => {
    const there = listing({
      ".": folder(),
      filestore: folder(),
      "filestore/odoo": folder(),
      [`filestore/odoo/${sha("a")}`]: file(7),
    });
    expect(missing(there, new Map(), mirroredFiles, "odoo")).toEqual({
      folders: [".", "filestore", "filestore/odoo"],
      files: [`filestore/odoo/${sha("a")}`],
      bytes: 7,
      twins: [],
      gone: [],
    });
    expect(missing(there, there, mirroredFiles, "odoo")).toMatchObject({ folders: [], files: [], bytes: 0, gone: [] });
  });

  it("is a file of the filestore that is not there or was cut off, whatever its time; nothing is taken away", () => {
    const path = `filestore/odoo/${sha("a")}`;
    const there = listing({ [path]: file(7) });
    expect(missing(there, listing({ [path]: file(7, "1") }), mirroredFiles).files).toEqual([]);
    expect(missing(there, listing({ [path]: file(3) }), mirroredFiles).files).toEqual([path]);
    const more = listing({ [path]: file(7), [`filestore/odoo/${sha("b")}`]: file(1), other: file(2) });
    expect(missing(there, more, mirroredFiles).gone).toEqual([]);
  });

  it("is a session that has changed, and one that has ended has to go, inner paths first", () => {
    const there = listing({ "sessions/a": folder(), "sessions/a/1": file(7, "2.5") });
    const here = listing({
      "sessions/a": folder(),
      "sessions/a/1": file(7, "2.4"),
      "sessions/b": folder(),
      "sessions/b/2": file(1),
    });
    expect(missing(there, here, mirroredFiles)).toMatchObject({
      files: ["sessions/a/1"],
      gone: ["sessions/b/2", "sessions/b"],
    });
    expect(missing(there, here, () => false).gone).toEqual([]);
  });

  it("is a folder whose owner or mode is another one, such as that of a volume that was just made", () => {
    const there = listing({ ".": folder() });
    expect(missing(there, listing({ ".": folder("0:0 755") }), mirroredFiles).folders).toEqual(["."]);
  });

  it("makes files of kept sets from those that are there, and brings each other one once", () => {
    const there = listing({
      [`.sets/one/${sha("a")}`]: file(7),
      [`.sets/one/${sha("b")}`]: file(5),
      [`.sets/two/${sha("a")}`]: file(7),
      [`.sets/two/${sha("b")}`]: file(5),
      [`.sets/two/${sha("c")}`]: file(9),
      [`filestore/odoo/${sha("a")}`]: file(7),
    });
    const all = missing(there, new Map(), mirroredFiles, "odoo");
    expect(all.files).toEqual([`.sets/one/${sha("b")}`, `.sets/two/${sha("c")}`, `filestore/odoo/${sha("a")}`]);
    expect(all.bytes).toBe(21);
    expect(all.twins).toEqual([
      { from: "filestore/odoo", to: ".sets/one", files: [sha("a")] },
      { from: "filestore/odoo", to: ".sets/two", files: [sha("a")] },
      { from: ".sets/one", to: ".sets/two", files: [sha("b")] },
    ]);
    const half = listing({ [`.sets/one/${sha("a")}`]: file(7), [`.sets/one/${sha("b")}`]: file(5) });
    expect(missing(there, half, mirroredFiles, "odoo").twins).toHaveLength(2);
  });

  it("is told file by file where it has not come", () => {
    const there = listing({ a: file(1), b: file(2), c: folder(), d: file(3) });
    expect(differences(there, listing({ a: file(1), b: file(1), c: file(1) }))).toEqual([
      "b has 1 bytes of 2",
      "c is something else",
      "d is not there",
    ]);
    expect(differences(there, there)).toEqual([]);
  });
});

describe("what brings files over", () => {
  const route: FilesRoute = {
    ...{ stack: "prod", image: "sha256:operator", gentle: true },
    from: { engine: "ssh://main", volume: "prod-filestore" },
    to: { volume: "prod-filestore-shared", folder: "/filestore" },
  };

  it("can't change the old files, reaches no network, and leaves no log of what goes through", () => {
    for (const argv of [pack(route), listThere(route), copyAll(route)].map((one) => one.join(" "))) {
      expect(argv).toMatch(
        /^docker --host ssh:\/\/main run --rm --init --interactive --network none --log-driver none /,
      );
      expect(argv).toContain("--volume prod-filestore:/files:ro");
      expect(argv).toContain("--cpu-shares 128");
    }
    expect(pack({ ...route, gentle: false }).join(" ")).not.toContain("cpu-shares");
    expect(pack({ ...route, from: { volume: "prod-filestore" } }).slice(0, 2)).toEqual(["docker", "run"]);
  });

  it("packs no links, and links only what a kept set has in common with others", () => {
    expect(pack(route)).toContain("--hard-dereference");
    const cp = copyAll(route).join(" ");
    expect(cp).toContain("--preserve=mode,ownership,timestamps --reflink=auto");
    expect(cp).not.toMatch(/--link|--archive/);
    expect(copyTwins(route, { from: "filestore/odoo", to: ".sets/one" }, true)).toContain("--link");
    expect(copyTwins(route, { from: "filestore/odoo", to: ".sets/one" }, false)).toContain("--reflink=always");
  });

  it("leaves out copies that are being made, and what file systems put there", () => {
    expect(listThere(route).join(" ")).toContain(
      "( -path ./.incoming -o -path ./.odoo-stacks-* -o -path ./lost+found ) -prune",
    );
  });

  it("says how long it takes, and looks at some files at random", () => {
    expect([leftText(4.2), leftText(99.9), leftText(130)]).toEqual([
      "about 5 s left",
      "about 100 s left",
      "about 3 min left",
    ]);
    const hundred = Array.from({ length: 100 }, (_, number) => number);
    expect(new Set(chosen(hundred, 10)).size).toBe(10);
    expect(chosen([1, 2], 10)).toEqual([1, 2]);
  });
});
