import { describe, expect, it } from "vitest";
import { ReleaseSteps } from "../../../infra/cli/releaseSteps";

describe("a release that is watched", () => {
  it("tells what is being done, and how long each step took", () => {
    let time = 0;
    const now: string[] = [];
    const done: string[] = [];
    const steps = new ReleaseSteps(
      (line) => now.push(line),
      (line) => done.push(line),
      () => time,
    );
    const at = (seconds: number, line: string) => {
      time = seconds;
      steps.take(line);
    };
    at(1, "create local-prod-odoo-web-service");
    at(3, "decide");
    at(3.5, "Modules: upgrade sale_delivery_note.");
    at(4, "hold");
    at(4.5, "modules");
    at(8, "route");
    at(9, "update local-prod-odoo-cron-service");
    at(9.5, "delete-replaced local-prod-odoo-web-service");
    time = 12;
    steps.end();
    expect(now).toEqual([
      "starting the new version beside the old one",
      "finding out which modules differ",
      "holding requests",
      "changing modules, with requests held",
      "sending requests to the new version",
      "letting the version before go",
    ]);
    expect(done).toEqual([
      "starting the new version beside the old one (3.0 s)",
      "  Modules: upgrade sale_delivery_note.",
      "finding out which modules differ (1.0 s)",
      "holding requests (0.5 s)",
      "changing modules, with requests held (3.5 s)",
      "sending requests to the new version (1.0 s)",
      "letting the version before go (3.0 s)",
    ]);
  });

  it("takes what Pulumi does before the first step for the start of the new version", () => {
    const done: string[] = [];
    const steps = new ReleaseSteps(
      () => undefined,
      (line) => done.push(line),
      () => 0,
    );
    steps.take("update local-prod-database-service");
    expect(done).toEqual([]);
  });
});
