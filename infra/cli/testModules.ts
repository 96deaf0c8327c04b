import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Listr } from "listr2";
import { author } from "../operator/author";
import { UserError } from "../core/errors";
import { repositoryDir } from "../core/paths";
import { ensureImage, existingImage, type Image, verifyModules } from "../images";
import { newId } from "../operator/client";
import type { TestRun } from "../operator/tests";
import { Trial } from "../trial/trial";
import { type CommonOptions, rendererOptions, Stopwatch, timed } from "./display";
import { type Environment, openEnvironment, requireReleased } from "./environment";
import { testsText } from "./history";
import { keyIn, releaseImage } from "./stackFileKey";
import type { StackFile } from "./stacks";
import { allResults, counts, junit, markdown, type TestResults } from "./testReport";

/** What `test-modules` is asked for. */
export interface TestOptions extends CommonOptions {
  readonly stack: string;
  /** The version to test, by its tag. @default the one that the next release is of */
  readonly image?: string;
  /** Folder for the report, relative to where the command runs. */
  readonly output: string;
}

/** The longest that tests may take, in seconds. */
const testSeconds = 4 * 3600;

/**
 * Runs modules' own tests on a copy of an environment's data, as they would be after a release, and writes a report. The
 * exit code is 1 when a test failed.
 * @param modules Their names. @default all of the user's own that are installed
 */
export async function testModules(modules: readonly string[], options: TestOptions): Promise<void> {
  const watch = new Stopwatch();
  const startedAt = new Date().toISOString();
  const log: string[] = [];
  let environment: Environment | undefined;
  let image: Image | undefined;
  let results: TestResults | undefined;

  const tasks = new Listr(
    [
      timed(watch, "Preparing", async (report) => {
        environment = await openEnvironment(options.stack, report);
        image = await imageToTest(environment.file, options.image, report);
        await verifyModules(image.id, modules);
      }),
      timed(watch, "Testing on a copy of the data", async (report) => {
        if (!environment || !image) throw new Error("nothing was prepared");
        const { current } = await requireReleased(environment);
        const source = {
          stack: environment.file.name,
          operator: environment.operator.image,
          image: image.id,
          filestore: current.plan.volumes.filestore,
        };
        const program = await readFile(join(repositoryDir, "infra/commands/jobs/test_modules.py"), "utf8");
        results = await Trial.with(source, report, async (trial) => {
          const keep = (line: string) => {
            log.push(line);
            const progress = progressOf(line);
            if (progress) report(progress);
          };
          return JSON.parse(await trial.runOdoo(program, { modules }, keep, testSeconds)) as TestResults;
        });
      }),
    ],
    rendererOptions(options),
  );
  await tasks.run();
  if (!environment || !image || !results) throw new Error("nothing was tested");

  const tests = allResults(results, log);
  if (tests.length === 0) throw nothingToTest(results.modules, options);
  const endedAt = new Date().toISOString();
  const about = { id: newId(), image, modules: results.modules, startedAt, endedAt, author: await author() };
  const run: TestRun = { ...about, ...counts(tests) };
  const files = { "junit.xml": junit(run, tests), "report.md": markdown(environment.file.name, run, tests) };
  write(options.output, { ...files, "odoo.log": log.join("\n") });
  await environment.operator.keepTests({ run, files });
  if (options.json) console.log(JSON.stringify({ stack: environment.file.name, ...run, tests }));
  else console.log(`\n${testsText(run)}\nThe report is in ${relative(process.cwd(), resolve(options.output))}.`);
  if (run.failed > 0) process.exitCode = 1;
}

/** What a line of Odoo's log tells whoever waits: the module it is at, the test, what went wrong; undefined for the rest. */
function progressOf(line: string): string | undefined {
  const [, level = "", message = ""] = /^\S+ \S+ \d+ ([A-Z]+) \S+ [\w.]+: (.*)$/.exec(line) ?? [];
  return level === "ERROR" || level === "CRITICAL" || /^(Loading module|Starting Test)/.test(message)
    ? message
    : undefined;
}

/** The image that is asked for, or that the next release is of. */
async function imageToTest(
  { file, addons, version }: StackFile,
  asked: string | undefined,
  report: (line: string) => void,
): Promise<Image> {
  const tag = asked ?? keyIn(readFileSync(file, "utf8"), releaseImage);
  return tag ? { tag, id: await existingImage(tag) } : ensureImage("odoo", report, { addons, version });
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

function nothingToTest(modules: readonly string[], { stack }: TestOptions): UserError {
  return new UserError("Nothing was tested.", [
    {
      path: "modules",
      expected: "modules with tests",
      found: modules.length > 0 ? `no test in ${modules.join(", ")}` : `none of your own is installed on ${stack}`,
      hint: "Name others: npx odoo-stacks test-modules sale_management",
    },
  ]);
}
