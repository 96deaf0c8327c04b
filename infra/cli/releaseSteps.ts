import type { Report } from "../core/report";
import { type StepName, steps } from "../operator/journal";
import { copySteps } from "./copySteps";
import { elapsed } from "./display";

/** What a release is at, in the words of whoever watches it. */
const titles: Readonly<Record<StepName, string>> = {
  check: "checking what is there",
  decide: "finding out which modules differ",
  health: "waiting until the new version is healthy",
  keep: "keeping files, configuration and modules of the version before",
  rehearse: "rehearsing on a copy",
  prepare: "preparing the snapshot of the database",
  announce: "telling users",
  fetch: "bringing files over that are new",
  reach: "writing and reading files at the new place",
  stopCron: "waiting for scheduled jobs to end",
  hold: "holding requests",
  freeze: "taking the snapshot",
  files: "bringing the last files over, with requests held",
  data: "switching to the copied data",
  modules: "changing modules, with requests held",
  warm: "warming the new version up",
  route: "sending requests to the new version",
  released: "released",
  logs: "reading the log",
};

const isStep = (line: string): line is StepName => steps.some((step) => step === line);

/**
 * Follows a release by what `pulumi up` and the operator report: tells of every step that has ended how long it took, and
 * what is being done now.
 */
export class ReleaseSteps {
  private step: { readonly name: string; readonly since: number };

  /**
   * @param now Receives what is being done, whenever that changes.
   * @param done Receives each step that has ended, and whatever else there is to tell.
   * @param clock Seconds from any point on.
   */
  constructor(
    private readonly now: Report,
    private readonly done: Report,
    private readonly clock: () => number = () => performance.now() / 1000,
  ) {
    this.step = { name: "starting the new version beside the old one", since: clock() };
    now(this.step.name);
  }

  /** Takes a line as it was reported. */
  readonly take: Report = (line) => {
    const copying = /^copy: (\w+)$/.exec(line)?.[1];
    if (copying !== undefined) this.begin(`copy: ${copySteps[copying] ?? copying}`, false);
    else if (isStep(line)) this.begin(titles[line]);
    // The operator has ended: what Pulumi does now comes after the switch.
    else if (this.released && /^(update|delete|delete-replaced) /.test(line)) this.begin(ending);
    else if (!/^(create|update|delete|replace|create-replacement|delete-replaced) /.test(line)) this.done(`  ${line}`);
  };

  /** The step under way has ended, and it was the last one. */
  end(): void {
    this.done(`${this.step.name} (${elapsed(this.clock() - this.step.since)})`);
  }

  private released = false;

  private begin(name: string, released = name !== ending): void {
    if (this.step.name === name) return;
    this.end();
    this.released = released;
    this.step = { name, since: this.clock() };
    this.now(name);
  }
}

const ending = "letting the version before go";
