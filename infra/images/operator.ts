import { join } from "node:path";
import { repositoryDir } from "../core/paths";
import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { operatorVersion, recipeDir } from "./content";
import { copyFiles, copyRecipe, makeFolder, withContext } from "./context";
import { ensureDebian } from "./debian";
import { listFiles } from "./files";
import { pullBase } from "./registry";
import { runBuild } from "./runBuild";
import { requireSpace } from "./space";
import { imageLabels } from "./store";

/** Builds the image of the operator: Node, Docker's client, and the program in one file with the jobs beside it. */
export async function buildOperator(engine: DockerEngine, tag: string, report: Report): Promise<void> {
  await requireSpace(engine, "operator");
  const pulled = await pullBase(engine, "debian:trixie-slim", report);
  const base = "reference" in pulled ? pulled.reference : await ensureDebian(engine, pulled.failure, report);
  const labels = {
    ...imageLabels("operator"),
    "org.opencontainers.image.title": "odoo-stacks operator",
    "org.opencontainers.image.version": operatorVersion(),
    "odoo-stacks.base": base,
  };
  await withContext(async (context) => {
    copyRecipe(recipeDir("operator"), context);
    const files = join(context, "files");
    makeFolder(join(files, "jobs"), context);
    await bundleOperator(join(files, "main.js"));
    const jobs = listFiles(join(repositoryDir, "infra/commands/jobs")).filter(({ path }) => path.endsWith(".py"));
    copyFiles(jobs, join(files, "jobs"));
    await runBuild(engine, { context, tag, args: { BASE: base }, labels }, report);
  });
}

/**
 * Puts the operator's program and all that it uses into one file.
 * @param file Where to.
 * @param entry Where the program begins. @default infra/operator/main.ts
 * @returns what went into it, as paths relative to the project.
 */
export async function bundleOperator(
  file: string,
  entry = join(repositoryDir, "infra/operator/main.ts"),
): Promise<readonly string[]> {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    absWorkingDir: repositoryDir,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    alias: { "@pulumi/pulumi/errors": join(repositoryDir, "infra/operator/runError.ts") },
    platform: "node",
    // The oldest that runs it: Debian's.
    target: "node20",
    format: "cjs",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    logLevel: "silent",
  });
  return Object.keys(metafile.inputs);
}
