import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elapsed, Stopwatch } from "../infra/cli/display";
import { repositoryDir } from "../infra/core/paths";
import { prepare } from "./support/needs";
import {
  closingLine,
  exitCode,
  nothing,
  one,
  sum,
  type Tally,
  failuresOf,
  tallyOf,
  type VitestReport,
} from "./support/tally";

/**
 * What `npm test` runs: `npm test [-- PART…] [FILTER…]`. Sets up what the tests need, runs them, and ends with one line
 * `N passed, N failed`. Without arguments all parts run; a FILTER is part of a test file's path and goes to vitest.
 */
const vitestProjects = ["unit", "engine", "stacks", "e2e"] as const;
/** Parts that are more than one of vitest's projects. */
const projectsOf: Readonly<Record<string, readonly string[]>> = { stacks: ["stacks", "beside"] };
const benches = ["start", "preview", "release", "staging", "scale"] as const;
const parts = [...vitestProjects, "check", "bench"] as const;
type Part = (typeof parts)[number];

const watch = new Stopwatch();
const say = (line: string) => console.log(`[${elapsed(watch.all().total ?? 0)}] ${line}`);

/** Runs a program of this checkout with this terminal, and returns its exit code. */
function execute(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  say(`$ ${argv.join(" ")}`);
  const [file = "", ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: repositoryDir, stdio: "inherit", env: { ...process.env, ...env } });
    child.once("error", (error) => {
      say(error.message);
      resolve(127);
    });
    child.once("close", (code) => resolve(code ?? 1));
  });
}

/** What failed, in words. */
const failures: string[] = [];

async function runVitest(projects: readonly Part[], filters: readonly string[]): Promise<Tally> {
  const dir = mkdtempSync(join(tmpdir(), "odoo-stacks-report-"));
  const file = join(dir, "vitest.json");
  const names = projects.flatMap((project) => projectsOf[project] ?? [project]);
  try {
    const program = join(repositoryDir, "node_modules/vitest/vitest.mjs");
    const code = await execute([
      ...[process.execPath, program, "run", ...names.flatMap((name) => ["--project", name])],
      ...["--reporter=verbose", "--reporter=json", `--outputFile.json=${file}`, ...filters],
    ]);
    const report = readReport(file);
    failures.push(...failuresOf(report));
    return tallyOf(report, code);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  } catch {
    return undefined; // It ended before it wrote one.
  }
}

async function runOne(title: string, argv: readonly string[]): Promise<Tally> {
  const code = await execute(argv);
  if (code !== 0) failures.push(`${title}: exit code ${code}`);
  return one(code === 0);
}

async function runBenches(): Promise<Tally> {
  const tallies: Tally[] = [];
  for (const bench of benches) {
    const argv = [process.execPath, "infra/cli/bootstrap.cjs", "--run", "tests/bench/run.ts", bench, "--quick"];
    tallies.push(await runOne(`bench ${bench}`, argv));
  }
  return sum(tallies);
}

async function main(args: readonly string[]): Promise<void> {
  const isPart = (arg: string): arg is Part => parts.some((part) => part === arg);
  const filters = args.filter((arg) => !isPart(arg));
  const named = args.filter(isPart);
  // A filter without a part means test files alone.
  const asked: readonly Part[] = named.length > 0 ? named : filters.length > 0 ? vitestProjects : parts;
  const projects = vitestProjects.filter((project) => asked.includes(project));

  const missing = await prepare(asked, say);
  const tallies: Tally[] = [{ ...nothing, failed: missing }];
  if (asked.includes("check")) tallies.push(await runOne("check", ["npm", "run", "--silent", "check"]));
  if (projects.length > 0) tallies.push(await runVitest(projects, filters));
  if (asked.includes("bench")) tallies.push(await runBenches());

  const total = sum(tallies);
  say("all that was asked for has run");
  for (const failure of failures) console.log(`FAILED ${failure}`);
  console.log(closingLine(total));
  process.exitCode = exitCode(total);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  console.log(closingLine(one(false)));
  process.exitCode = 1;
});
