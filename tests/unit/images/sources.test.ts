import { describe, expect, it } from "vitest";
import { debianMirror } from "../../../infra/images/debian";
import { allowedSource } from "../../../infra/images/registry";
import { freeBytes, requireSpace } from "../../../infra/images/space";
import { DockerEngine } from "../../../infra/docker/engine";

describe("the mirror of Debian's archive", () => {
  it.each([
    ["deb http://mirror.example/debian bookworm main", "http://mirror.example/debian"],
    [
      "deb [signed-by=/usr/share/keyrings/a.gpg] https://mirror.example/debian/ trixie main",
      "https://mirror.example/debian",
    ],
    ["Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\n", "http://mirror.example/debian"],
    [
      "Types: deb\nURIs: http://mirror.example/debian-security http://b.example/proxy/debian\n",
      "http://b.example/proxy/debian",
    ],
  ])("%j → %s", (source, mirror) => {
    expect(debianMirror([source])).toBe(mirror);
  });

  it.each([
    "deb http://archive.example/ubuntu noble main",
    "# deb http://mirror.example/debian bookworm main",
    "deb-src http://mirror.example/debian bookworm main",
    "deb cdrom:[Debian]/ bookworm main",
    "deb http://mirror.example/debian-security bookworm-security main",
    "",
  ])("is left to debootstrap by %j", (source) => {
    expect(debianMirror([source])).toBeUndefined();
  });

  it("is the first one of several files", () => {
    const files = ["", "deb http://a.example/ubuntu noble main", "deb http://b.example/debian trixie main"];
    expect(debianMirror(files)).toBe("http://b.example/debian");
  });
});

describe("ODOO_STACKS_IMAGES", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["registry", "registry"],
    ["debian", "debian"],
  ])("%j allows %j", (value, allowed) => {
    expect(allowedSource(value)).toBe(allowed);
  });

  it("is refused with what would be accepted", () => {
    expect(() => allowedSource("hub")).toThrow(/registry or debian[^]*hub/);
  });
});

describe("room on the disk", () => {
  it("is not told for a folder that this machine does not have", () => {
    expect(freeBytes("/no/such/folder")).toBeUndefined();
    expect(freeBytes("/")).toBeGreaterThan(0);
  });

  it("is refused before it runs out, with both figures", async () => {
    const engine = new (class extends DockerEngine {
      override run() {
        return Promise.resolve("/\n");
      }
    })("unix:///nobody.sock");
    const free = freeBytes("/") ?? 0;
    await expect(requireSpace(engine, "odoo", 2 * free)).rejects.toThrow(
      /not enough room[^]*expected:[^]*free[^]*found:/,
    );
  });

  it("of another machine is not looked at", async () => {
    await expect(requireSpace(new DockerEngine("ssh://nobody@server.example"), "odoo", 1e18)).resolves.toBeUndefined();
  });
});
