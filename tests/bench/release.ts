import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureImage } from "../../infra/images";
import { ReleaseLab } from "../support/releaseLab";
import { progress, succeeded } from "../support/shell";
import { Compose } from "./compose";
import { type Row, table } from "./figures";
import { fill } from "./fill";
import { makePlace, type Place } from "./places";
import { closing, composeRows, type Outcome, type Release, releaseRows, releases } from "./releaseFigures";
import { type Measured, measureUnderLoad } from "./underLoad";

/** A database to release with. */
interface Environment {
  readonly filesystem: Place["filesystem"];
  /** What it is brought to; undefined leaves it as it is after the installation. */
  readonly gigabytes?: number;
}

const small: readonly Environment[] = [{ filesystem: "ext4" }];
const all: readonly Environment[] = [
  { filesystem: "ext4", gigabytes: 1 },
  { filesystem: "XFS", gigabytes: 1 },
  { filesystem: "ext4", gigabytes: 4 },
  { filesystem: "XFS", gigabytes: 4 },
];

/**
 * What users notice of a release, with real Odoo and people at work all the time (`load.ts`): of a release that changes code
 * alone, of one whose upgrade of a module adds a column, and, in the same environment, of what most people do instead:
 * `docker compose up -d` with a change that makes it recreate Odoo's containers. The images are there before, so that no build is
 * measured. Every request counts once, and every write is looked up in the database afterwards.
 *
 * The last line has the worst of all environments: the most seconds, and the sum of what failed.
 * @param quick One environment as it is after the installation, instead of databases of 1 GB and 4 GB on ext4 and on XFS.
 */
export async function benchRelease(quick: boolean): Promise<void> {
  const interrupted = new AbortController();
  const onInterrupt = () => interrupted.abort(new Error("interrupted"));
  process.once("SIGINT", onInterrupt);
  try {
    const outcomes: Outcome[] = [];
    for (const environment of quick ? small : all) {
      // The containers are the same wherever the database is: one comparison is enough.
      outcomes.push(await measureEnvironment(environment, outcomes.length === 0, interrupted.signal));
    }
    console.log(closing(outcomes));
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/**
 * Brings an environment up, measures in it, and removes it.
 * @param environment Which.
 * @param withCompose Whether compose is measured there as well.
 * @param signal Ends it before the next measurement.
 */
export async function measureEnvironment(
  environment: Environment,
  withCompose: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { filesystem, gigabytes } = environment;
  const title = `${filesystem}${gigabytes === undefined ? "" : `, ${gigabytes} GB`}`;
  const bytes = (gigabytes ?? 0) * 1024 ** 3;
  console.log(`\n${title}: bringing an environment up`);
  const place = await makePlace(filesystem, bytes);
  try {
    const volume = await place.volume(`odoo-stacks-bench-${randomBytes(3).toString("hex")}`);
    const lab = await ReleaseLab.open({ database: { volume } });
    try {
      const images = await buildImages(lab);
      if (bytes > 0) await fill(lab, bytes, signal);
      const release = async (kind: Release) => {
        signal.throwIfAborted();
        console.log(`${title}: releasing (${kind})`);
        images[kind]();
        const measured = await measureUnderLoad(lab, async () => {
          const up = succeeded(await lab.up({ onLine: progress }));
          const made = await lab.lastRelease();
          return { seconds: up.seconds, heldSeconds: made.heldSeconds, modules: made.modules.upgrade.length };
        });
        expectRelease(kind, measured);
        print(`${title}: ${kind}`, releaseRows(kind, measured), measured);
        return measured;
      };
      const code = await release("code");
      const upgrade = await release("upgrade");
      signal.throwIfAborted();
      return { code, upgrade, compose: withCompose ? await measureCompose(lab) : undefined };
    } finally {
      await lab.close();
    }
  } finally {
    await place.remove();
  }
}

/** Builds what is to be released; returns how `addons` becomes that. The environment's own is there again afterwards. */
async function buildImages(lab: ReleaseLab): Promise<Record<Release, () => void>> {
  const addons = join(lab.project.dir, "addons");
  const images = {
    code: () => {
      lab.useAddons();
      writeIdleModule(addons);
    },
    upgrade: () => lab.useAddons("addons-v2"),
  };
  for (const kind of releases) {
    images[kind]();
    await ensureImage("odoo", progress, { addons, version: "19.0" });
  }
  lab.useAddons();
  return images;
}

/** A module that is nowhere installed: with it, there is another image, and nothing to do in the database. */
function writeIdleModule(addons: string): void {
  const folder = join(addons, "bench_idle");
  mkdirSync(folder);
  writeFileSync(join(folder, "__init__.py"), "");
  const manifest = `{"name": "Idle", "version": "19.0.1.0.0", "license": "LGPL-3", "author": "odoo-stacks"}\n`;
  writeFileSync(join(folder, "__manifest__.py"), manifest);
}

/** What is measured has to be what it is called. */
function expectRelease(kind: Release, { modules }: Measured): void {
  const expected = kind === "code" ? 0 : 1;
  if (modules !== expected) throw new Error(`the release (${kind}) upgraded ${modules} modules instead of ${expected}`);
}

async function measureCompose(lab: ReleaseLab): Promise<Measured> {
  console.log("the same containers with compose: starting them");
  const compose = await Compose.replace(lab);
  try {
    console.log("the same containers with compose: recreating them");
    const measured = await measureUnderLoad(lab, async () => {
      const { seconds } = await compose.recreate();
      return { seconds, heldSeconds: 0, modules: 0 };
    });
    print("compose", composeRows(measured), measured);
    return measured;
  } finally {
    await compose.remove();
  }
}

function print(title: string, rows: readonly Row[], { failures, slowest }: Measured): void {
  console.log(`\n${title}\n${table(rows)}`);
  if (slowest) console.log(`the longest wait: ${slowest}`);
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log();
}
