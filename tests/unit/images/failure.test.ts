import { describe, expect, it } from "vitest";
import { classify, diskFull, nothingReachable, reason } from "../../../infra/images/failure";
import { explain } from "../../../infra/images/debian";

// Lines as the programs wrote them: docker 20.10 and 28, apt 2.6 and 3.0, debootstrap 1.0.128, pip 23.
describe("why making an image failed", () => {
  it.each([
    [
      "unreachable",
      'Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.1:53: no such host',
    ],
    ["unreachable", 'Get "https://registry.example/v2/": net/http: TLS handshake timeout'],
    ["unreachable", "no answer within 8 s"],
    ["unreachable", "E: Couldn't download dists/trixie/main/binary-amd64/Packages"],
    ["unreachable", "E: Failed getting release file http://mirror.example/debian/dists/trixie/Release"],
    [
      "unreachable",
      "E: Failed to fetch http://mirror.example/debian/pool/a.deb  Could not connect to mirror.example:80",
    ],
    ["unreachable", "  Temporary failure resolving 'mirror.example'"],
    ["disk-full", "write /usr/lib/x86_64-linux-gnu/libLLVM.so.19.1: no space left on device"],
    ["disk-full", "E: You don't have enough free space in /var/cache/apt/archives/. not enough free space"],
    ["not-found", "Error response from daemon: manifest for odoo:99.0 not found: manifest unknown: manifest unknown"],
    ["refused", "toomanyrequests: You have reached your pull rate limit."],
    ["other", "E: Unable to locate package ghostscrip"],
  ])("%s: %s", (kind, line) => {
    expect(classify(["Step 1/9 : FROM base", line, "The command returned a non-zero code: 100"])).toBe(kind);
  });

  it("is told by the line that says it, not by the last one", () => {
    const lines = [
      "E: Unable to locate package ghostscrip",
      "The command '/bin/sh -c …' returned a non-zero code: 100",
    ];
    expect(reason(lines)).toBe(lines[0]);
    expect(reason([])).toBe("it said nothing");
  });

  it("says how much room is needed and how much there is", () => {
    const { message } = diskFull("/var/lib/docker", 5 * 1024 ** 3, 1.2 * 1024 ** 3);
    expect(message).toContain("expected: 5 GB free");
    expect(message).toContain("found:    1.2 GB free");
    expect(message).toContain("docker image prune");
  });

  it("names all places that were tried", () => {
    const { problems } = explain(["E: Couldn't download Packages"], "http://mirror.example/debian", "no such host");
    expect(problems.map(({ path, found }) => [path, found])).toEqual([
      ["Docker Hub", "no such host"],
      ["http://mirror.example/debian", "E: Couldn't download Packages"],
    ]);
    expect(explain(["E: no space left on device"], undefined, "").summary).toMatch(/not enough room/);
    expect(explain(["E: Release signed by unknown key"], undefined, "").message).toContain("unknown key");
    expect(nothingReachable(problems).summary).toBe("No place that images come from can be reached.");
  });
});
