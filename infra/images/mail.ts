import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { mailpitVersion, recipeDir } from "./content";
import { copyRecipe, withContext } from "./context";
import { ensureDebian } from "./debian";
import { buildFailed } from "./failure";
import { pullBase } from "./registry";
import { runBuild } from "./runBuild";
import { requireSpace } from "./space";
import { imageLabels } from "./store";

/**
 * Builds the image that catches mails: Mailpit from Docker Hub; where that can't be reached, MailDev from npm's packages on
 * Debian's Node. Of what npm and Go's registry have, MailDev is the one that is looked after (MailHog's last release is of
 * 2020) and complete without anything from elsewhere. Ports, paths and the page's password are the same in both.
 */
export async function buildMail(engine: DockerEngine, tag: string, report: Report): Promise<void> {
  await requireSpace(engine, "mail");
  const pulled = await pullBase(engine, `axllent/mailpit:v${mailpitVersion}`, report);
  const base = "reference" in pulled ? pulled.reference : await ensureDebian(engine, pulled.failure, report);
  const recipe = "reference" in pulled ? "mail/mailpit" : "mail/maildev";
  const labels = {
    ...imageLabels("mail"),
    "org.opencontainers.image.title": recipe === "mail/mailpit" ? "Mailpit" : "MailDev",
    "odoo-stacks.base": base,
  };
  await withContext(async (context) => {
    copyRecipe(recipeDir(recipe), context);
    if (recipe === "mail/maildev") {
      await installPackages(engine, tag, context, report);
      await compile(join(context, "start.ts"), join(context, "start.mjs"));
    }
    await runBuild(engine, { context, tag, args: { BASE: base }, labels }, report);
  });
}

/** Gets the packages of the lock file in a folder, with this machine's npm, which knows where packages come from here. */
async function installPackages(engine: DockerEngine, tag: string, folder: string, report: Report): Promise<void> {
  report(`${tag}: packages`);
  const options = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const argv = ["npm", "ci", "--prefix", folder, ...options];
  const { exitCode, tail } = await engine.follow(argv, (line) => report(`${tag}: ${line}`));
  if (exitCode !== 0) throw buildFailed(tag, tail);
  // Whatever this process's umask says: the container's user is another one.
  makeReadable(join(folder, "node_modules"));
}

/** Makes a program that Node runs as it is. */
async function compile(source: string, file: string): Promise<void> {
  const { transform } = await import("esbuild");
  const { code } = await transform(readFileSync(source, "utf8"), { loader: "ts", format: "esm", target: "node20" });
  writeFileSync(file, code, { mode: 0o644 });
}

function makeReadable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}
