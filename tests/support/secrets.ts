import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { docker, runningContainers } from "./docker";
import { sh } from "./shell";

/** A place that somebody may look into, and what stands there. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/**
 * What Docker tells of a stack's containers and of all that it keeps, what they logged, and the files of some folders: places
 * where no secret may stand.
 */
export async function visiblePlaces(prefix: string, dirs: readonly string[]): Promise<Place[]> {
  const containers = await runningContainers(prefix);
  const ids = containers.map(({ id }) => id);
  const services = (await docker("service", "ls", "--quiet")).split("\n").filter(Boolean);
  const inspected = ["secret", "config", "network", "volume"].map(async (kind) => {
    const names = (await docker(kind, "ls", "--quiet")).split("\n").filter(Boolean);
    const text = names.length > 0 ? (await sh(["docker", kind, "inspect", ...names])).all : "";
    // A network or volume of another program may go while it is looked at; what was printed until then counts.
    return { name: `docker ${kind} inspect`, text };
  });
  const logs = containers.map(async ({ id, name }) => ({
    name: `logs of ${name}`,
    text: (await sh(["docker", "logs", id])).all,
  }));
  return [
    { name: "docker inspect of containers", text: await docker("inspect", ...ids) },
    {
      name: "docker service inspect",
      text: services.length > 0 ? await docker("service", "inspect", ...services) : "",
    },
    ...(await Promise.all([...inspected, ...logs])),
    ...dirs.flatMap(filesIn),
  ];
}

/** How often processes are looked at, in milliseconds. */
const watchMilliseconds = 250;

/** Remembers the arguments and variables of every process of this machine that lives for a moment. */
export class ProcessWatch {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), watchMilliseconds);

  private look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      this.seen.add(readIfThere(`/proc/${pid}/cmdline`)).add(readIfThere(`/proc/${pid}/environ`));
    }
  }

  /** Stops looking; returns what was seen, one more look included. */
  stop(): Place {
    clearInterval(this.timer);
    this.look();
    return { name: "arguments and variables of processes", text: [...this.seen].join("\0") };
  }
}

/** The text files of a folder and all below it. */
function filesIn(dir: string): Place[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .map((name) => join(dir, name))
    .filter((file) => !file.includes("/node_modules/") && statSync(file, { throwIfNoEntry: false })?.isFile())
    .map((file) => ({ name: file, text: readIfThere(file) }));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // The process has ended, or is somebody else's.
  }
}

/** A text with what it holds in Base64 appended in plain. */
function decoded(text: string): string {
  const codes = [...text.matchAll(/"([A-Za-z0-9+/]{20,}={0,2})"/g)].map(([, code = ""]) => code);
  return [text, ...codes.map((code) => Buffer.from(code, "base64").toString())].join("\n");
}

/** Names of the places where one of some secrets stands, in plain or in Base64. */
export function placesWith(secrets: readonly string[], places: readonly Place[]): string[] {
  return places.filter(({ text }) => secrets.some((secret) => decoded(text).includes(secret))).map(({ name }) => name);
}
