import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Project } from "../support/project";
import { must, progress, type ShellOptions } from "../support/shell";
import { figure, median, table } from "./figures";
import { awsPreviews } from "./previewAws";

/**
 * What issue and design ask for on two cores: seconds, and times the preview of an empty program. For AWS it is the program's time:
 * that of the preview without what it takes of an empty program.
 */
const targets = { environment: 2, ratio: 2, awsPlatform: 4, awsEnvironment: 2.5 };

/**
 * How long `pulumi preview` takes when nothing has changed: of an environment, of a platform, and of a program without any
 * resource under the same engine; and of what AWS is to make from nothing. They take turns, so that whatever else the machine does
 * meets all of them.
 * @param quick Measures each three times instead of nine.
 */
export async function benchPreview(quick: boolean): Promise<void> {
  const project = await Project.linked();
  try {
    project.useTrialStacks(undefined, ["platform", "prod"]);
    console.log("bringing the stacks up");
    const up = await project.cli(["up", project.name], { timeoutSeconds: 1800, onLine: progress });
    if (up.exitCode !== 0) throw new Error(up.all);
    const env = await project.pulumiEnv();
    const empty = await emptyProgram(project.dir, env);
    const aws = await awsPreviews(project);
    const preview = (stack: string, cwd: string) => async () => {
      const argv = ["pulumi", "preview", "--non-interactive", "--expect-no-changes", "--stack", stack];
      return (await must(argv, { cwd, env })).seconds;
    };
    const previews = {
      environment: preview(project.prod, project.dir),
      platform: preview(project.platform, project.dir),
      empty: preview("empty", empty),
      awsPlatform: aws.platform,
      awsEnvironment: aws.environment,
    };
    const measured = await takeTurns(previews, quick ? 3 : 9).finally(aws.remove);
    const environment = median(measured.environment);
    const platform = median(measured.platform);
    const nothing = median(measured.empty);
    const onAws = { platform: median(measured.awsPlatform), environment: median(measured.awsEnvironment) };
    const ratio = environment / nothing;
    console.log();
    console.log(
      table([
        { what: "environment", seconds: environment, target: targets.environment },
        { what: "platform", seconds: platform },
        { what: "empty program", seconds: nothing },
        { what: "environment / empty", seconds: ratio, target: targets.ratio, unit: "×" },
        { what: "AWS: platform, from nothing", seconds: onAws.platform },
        { what: "AWS: its program", seconds: onAws.platform - nothing, target: targets.awsPlatform },
        { what: "AWS: environment on RDS, from nothing", seconds: onAws.environment },
        { what: "AWS: its program", seconds: onAws.environment - nothing, target: targets.awsEnvironment },
      ]),
    );
    const seconds = `environment=${figure(environment)} platform=${figure(platform)} empty=${figure(nothing)}`;
    const ofProgram = (whole: number) => figure(whole - nothing);
    const awsSeconds = `aws_platform=${ofProgram(onAws.platform)} aws_environment=${ofProgram(onAws.environment)}`;
    console.log(`bench preview: ${seconds} ratio=${figure(ratio, "")} ${awsSeconds}`);
  } finally {
    await project.remove();
  }
}

/** Measures each several times, one after the other; the first round, which fills the kernel's caches, does not count. */
async function takeTurns<K extends string>(
  of: Readonly<Record<K, () => Promise<number>>>,
  rounds: number,
): Promise<Record<K, number[]>> {
  const names = Object.keys(of) as K[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const seconds = await of[name]();
      if (round > 0) measured[name].push(seconds);
    }
  }
  return measured;
}

/** A project whose program declares nothing, with the same SDK; up once, so that its preview has nothing to do. */
async function emptyProgram(parent: string, env: ShellOptions["env"]): Promise<string> {
  const dir = join(parent, "empty");
  mkdirSync(dir);
  writeFileSync(
    join(dir, "Pulumi.yaml"),
    "name: odoo-stacks-empty\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(join(dir, "package.json"), '{ "private": true, "main": "index.js" }');
  writeFileSync(join(dir, "index.js"), 'require("@pulumi/pulumi");\n');
  await must(["pulumi", "stack", "init", "empty", "--non-interactive"], { cwd: dir, env });
  await must(["pulumi", "up", "--yes", "--non-interactive", "--stack", "empty"], { cwd: dir, env });
  return dir;
}
