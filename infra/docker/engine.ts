import { stripVTControlCharacters } from "node:util";
import { attempt, run, type RunOptions, type RunResult } from "../core/exec";
import type { Report } from "../core/report";

/** Docker's own default: https://docs.docker.com/reference/cli/docker/#environment-variables */
export const defaultHost = "unix:///var/run/docker.sock";

/** The Engine that is meant when none is named. */
export const currentHost = (): string => process.env.DOCKER_HOST ?? defaultHost;

/** What a long command did. */
export interface Followed {
  readonly exitCode: number;
  /** The last lines that it wrote, on either output. */
  readonly tail: readonly string[];
}

/** Seconds between two progress lines of one command. */
const progressSeconds = 2;
/** Lines kept for the message of a failure. */
const tailLines = 30;

/** Runs `docker` for one Engine. */
export class DockerEngine {
  /** @param host The Engine, as `DOCKER_HOST` names it. @default `DOCKER_HOST`, else Docker's own socket */
  constructor(readonly host: string = currentHost()) {}

  /** Runs a command and returns what it did, whatever its exit code. */
  attempt(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return attempt(argv, { ...options, env: { ...options.env, DOCKER_HOST: this.host } });
  }

  /** Runs a command; an exit code other than 0 is an error. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return run(argv, { ...options, env: { ...options.env, DOCKER_HOST: this.host } });
  }

  /**
   * Runs a command that takes long, and reports the newest line that it writes every other second.
   * @param argv The command.
   * @param report Receives the lines.
   * @param firstLineSeconds Ends it when it has written nothing by then. @default no limit
   */
  async follow(argv: readonly string[], report: Report, firstLineSeconds?: number): Promise<Followed> {
    const { execa } = await import("execa"); // As in core/exec.ts.
    const [file = "", ...args] = argv;
    const child = execa(file, args, {
      all: true,
      buffer: false,
      reject: false,
      stdin: "ignore",
      env: { DOCKER_HOST: this.host },
    });
    const tail: string[] = [];
    const watchdog = setTimeout(() => child.kill(), (firstLineSeconds ?? 0) * 1000);
    if (firstLineSeconds === undefined) clearTimeout(watchdog);
    let reported = Date.now();
    for await (const line of child.iterable({ from: "all" })) {
      clearTimeout(watchdog);
      const text = plain(line);
      if (!text) continue;
      tail.push(text);
      if (tail.length > tailLines) tail.shift();
      if (Date.now() - reported < progressSeconds * 1000) continue;
      reported = Date.now();
      report(text.slice(0, 160));
    }
    clearTimeout(watchdog);
    const result = await child;
    if (result.exitCode === undefined && tail.length === 0) tail.push(`no answer within ${firstLineSeconds ?? 0} s`);
    return { exitCode: result.exitCode ?? 124, tail };
  }
}

/** A line without colours and without what a carriage return overwrote. */
function plain(line: string): string {
  return (stripVTControlCharacters(line).split("\r").at(-1) ?? "").trim();
}
