import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { installPackages, readSystem } from "../docker/system";
import type { DockerEngine } from "../docker/engine";
import { importArchive } from "./argv";
import { baseTags, recipeDir } from "./content";
import { buildFailed, classify, diskFull, nothingReachable, reason } from "./failure";
import { exists, imageLabels, once } from "./store";
import { neededBytes } from "./space";

/** Debian's stable distribution, which the base images are made of. */
const suite = "trixie";

/**
 * A minimal Debian as an image, made from Debian's packages: the base where no container registry answers. Takes about
 * half a minute, once.
 * @param engine The Engine that gets it.
 * @param failure Why Docker Hub did not do, for the message when this fails too.
 * @param report Receives progress.
 * @returns its tag.
 */
export async function ensureDebian(engine: DockerEngine, failure: string, report: Report): Promise<string> {
  const tag = baseTags.debian();
  return once(engine, tag, report, async () => {
    await ensureDebootstrap(report);
    const folder = join(cacheDir(), "tmp");
    mkdirSync(folder, { recursive: true });
    const work = mkdtempSync(join(folder, "debian-"));
    try {
      const archive = join(work, "rootfs.tar");
      const script = join(recipeDir("debian"), "make-rootfs.sh");
      const mirror = debianMirror(aptSources());
      report(`Debian ${suite}: debootstrap`);
      const argv = ["sh", script, suite, archive, ...(mirror ? [mirror] : [])];
      const made = await engine.follow(argv, (line) => report(`Debian ${suite}: ${line}`));
      if (made.exitCode !== 0) throw explain(made.tail, mirror, failure);
      await engine.run(importArchive(archive, tag, imageLabels("base-debian")), { timeoutSeconds: 600 });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    if (!(await exists(engine, tag))) throw buildFailed(tag, ["docker import ended well, but the image is not there"]);
  });
}

/** Installs debootstrap where it is missing. */
async function ensureDebootstrap(report: Report): Promise<void> {
  const system = readSystem();
  if (system.root && system.has("debootstrap")) return;
  if (system.root && system.debianLike) {
    await installPackages(["debootstrap", "debian-archive-keyring"], report);
    return;
  }
  throw new UserError("The images can't be made on this machine.", [
    {
      path: "Docker Hub or debootstrap",
      expected: "a container registry that answers, or root on Debian or Ubuntu to make images from Debian's packages",
      found: `no registry, and ${system.root ? "another distribution" : "not root"}`,
      hint: "connect the machine to Docker Hub or a mirror of it, or run the command as root",
    },
  ]);
}

/** The texts of this machine's list of package sources. */
function aptSources(): readonly string[] {
  const folder = "/etc/apt/sources.list.d";
  const read = (path: string): string[] => {
    try {
      return [readFileSync(path, "utf8")];
    } catch {
      return [];
    }
  };
  let names: string[] = [];
  try {
    names = readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name));
  } catch {
    // No folder, no sources.
  }
  return [...read("/etc/apt/sources.list"), ...names.sort().flatMap((name) => read(join(folder, name)))];
}

/**
 * The mirror of Debian's archive that this machine uses, so that a company's own mirror is used for the images too.
 * @param sources Texts of files such as `/etc/apt/sources.list`, in either of apt's formats.
 * @returns an address that ends in `/debian`, or `undefined`: debootstrap has a default.
 */
export function debianMirror(sources: readonly string[]): string | undefined {
  for (const text of sources) {
    const lines = text.split("\n").filter((line) => /^\s*(deb\s|URIs:)/.test(line));
    const address = lines.flatMap((line) => line.split(/\s+/)).find((word) => /^https?:\/\/\S+\/debian\/?$/.test(word));
    if (address) return address.replace(/\/$/, "");
  }
  return undefined;
}

/** What to tell the user when the packages could not be had. */
export function explain(tail: readonly string[], mirror: string | undefined, registryFailure: string): UserError {
  const kind = classify(tail);
  if (kind === "disk-full") return diskFull("disk", neededBytes["odoo-base"], undefined);
  if (kind !== "unreachable") return buildFailed(`a minimal Debian ${suite}`, tail);
  return nothingReachable([
    { path: "Docker Hub", expected: "an answer", found: registryFailure },
    {
      path: mirror ?? "Debian's archive",
      expected: "Debian's packages",
      found: reason(tail),
      hint: "connect the machine to either of them, or to a mirror that apt is set to use, and run the command again",
    },
  ]);
}
