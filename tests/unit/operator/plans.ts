import { Journal, type JournalState } from "../../../infra/operator/journal";
import type { ReleasePlan } from "../../../infra/operator/plan";
import { Progress } from "../../../infra/operator/progress";
import { folderWith } from "../../support/folders";

const web = {
  ...{ name: "prod", targets: ["prod-web:8069"], hosts: ["odoo.example.com"], errorPages: "/pages", tls: false },
  ...{ responseTimeoutSeconds: 150, deployTimeoutSeconds: 120, drainTimeoutSeconds: 60 },
};

/** The plan of a release to production. */
export function planOf(more: Partial<ReleasePlan> = {}): ReleasePlan {
  return {
    ...{ version: 1, id: "20261123-191500-1a2b3c", stack: "prod", stage: "production", database: "odoo" },
    ...{ image: { id: "sha256:b", tag: "odoo-stacks/odoo:19.0-b" }, webServices: ["prod-web-b"], network: "prod" },
    ...{
      volumes: { filestore: "prod-filestore", releases: "prod-releases" },
      proxy: "proxy",
      routes: [web],
      workers: 2,
    },
    ...{ modules: [], uninstall: [], upgrade: "auto", maxHoldSeconds: 30, upgradeTimeoutSeconds: 3600 },
    ...{ snapshot: "auto", rehearse: "auto", watchSeconds: 0, keepSets: 2, allowedLogLines: [], configuration: "" },
    author: { user: "anna", host: "laptop", commit: "" },
    ...more,
  };
}

/** A release under way, and what it has reported. */
export function progressOf(state: Partial<JournalState> = {}) {
  const lines: string[] = [];
  const journal = new Journal(folderWith({}));
  const begun = {
    plan: planOf(),
    startedAt: "2026-11-23T19:15:00Z",
    step: "prepare" as const,
    touched: false,
    seconds: {},
  };
  const known: JournalState = { ...begun, ...state };
  const progress = new Progress(
    known,
    (changed) => journal.write(changed),
    (line) => lines.push(line),
  );
  return { lines, journal, progress };
}
