import { setInterval } from "node:timers";

import { UserError } from "../core/errors";
import { attempt } from "../core/exec";
import type { Report } from "../core/report";
import { ensureGo } from "./go";

/** How often a build says how far it has come, and how often it says so although nothing has changed, as while linking. */
const reportSeconds = 5;
const reminderSeconds = 20;

/** A program that is built from Go's module registry. */
export interface GoProgram {
  /** The folder with the go.mod and go.sum that pin it and all that it needs. */
  readonly module: string;
  /** The import path of its `main` package. */
  readonly package: string;
  /** Where the executable goes. */
  readonly output: string;
  /** What it is called in progress lines. */
  readonly title: string;
  /** Variables set while linking, by their full names. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Build tags. @default none */
  readonly tags?: readonly string[];
}

/**
 * The arguments of `go build`. All programs are compiled with the same flags, so that Go's own cache has to compile what
 * they share only once.
 * @param program What to build.
 * @param go How Go is called.
 */
export function buildArguments(program: GoProgram, go = "go"): readonly string[] {
  const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  return [
    go,
    "build",
    "-C",
    program.module,
    "-v", // Names each package as it is compiled: what progress is made of.
    "-trimpath",
    "-buildvcs=false",
    "-mod=readonly",
    `-ldflags=${["-s", "-w", ...variables].join(" ")}`,
    ...(program.tags?.length ? [`-tags=${program.tags.join(",")}`] : []),
    "-o",
    program.output,
    program.package,
  ];
}

/**
 * What `go` is told by its environment: nothing of the user's settings may change what is built, while the proxy and the
 * caches stay theirs. CGO is off, because it would need a C compiler and tie the executable to this machine's libraries.
 */
export const buildEnvironment: Readonly<Record<string, string>> = {
  CGO_ENABLED: "0",
  GOTOOLCHAIN: "local",
  GOFLAGS: "",
  GOOS: "",
  GOARCH: "",
  GOWORK: "off",
  GO111MODULE: "on",
};

/**
 * Builds a program and reports every few seconds how many modules were downloaded and packages compiled.
 * @throws UserError with the end of the compiler's output where it fails.
 */
export async function buildGoProgram(program: GoProgram, report: Report): Promise<void> {
  const go = await ensureGo(report);
  const started = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  let downloaded = 0;
  let compiled = 0;
  let said = { at: started, line: "" };
  const progress = (): void => {
    const line = `${program.title}: ${downloaded} modules downloaded, ${compiled} packages compiled`;
    if (line === said.line && Date.now() - said.at < reminderSeconds * 1000) return;
    said = { at: Date.now(), line };
    report(`${line}, ${seconds()}`);
  };
  report(`${program.title}: building it from Go's module registry …`);
  const timer = setInterval(progress, reportSeconds * 1000);
  const result = await attempt(buildArguments(program, go), {
    env: buildEnvironment,
    report: (line) => {
      if (line.startsWith("go: downloading ")) downloaded += 1;
      else if (!line.startsWith("go: ")) compiled += 1;
    },
  }).finally(() => clearInterval(timer));
  if (result.exitCode !== 0) throw buildFailed(program, result.stderr);
  report(`${program.title}: built in ${seconds()}`);
}

function buildFailed(program: GoProgram, stderr: string): UserError {
  const errors = stderr.split("\n").filter((line) => /\s/.test(line.trim()) && !line.startsWith("go: downloading "));
  return new UserError(`${program.title} could not be built.`, [
    {
      path: program.package,
      expected: "Go's module registry in reach (`go env GOPROXY` says which), 4 GB of disk space and 2 GB of memory",
      found: errors.slice(-8).join("\n              ") || "no message from the compiler",
      hint: "put right what it says and run the command again: what was compiled so far is kept",
    },
  ]);
}
