import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { postgresVersion, recipeDir } from "./content";
import { copyRecipe, withContext } from "./context";
import { ensureDebian } from "./debian";
import { pullBase } from "./registry";
import { runBuild } from "./runBuild";
import { requireSpace } from "./space";
import { imageLabels } from "./store";

/** Builds the image of PostgreSQL with pgBackRest and restic, on Docker Hub's image or on Debian's packages. */
export async function buildPostgres(engine: DockerEngine, tag: string, report: Report): Promise<void> {
  await requireSpace(engine, "postgres");
  const pulled = await pullBase(engine, `postgres:${postgresVersion}`, report);
  const base = "reference" in pulled ? pulled.reference : await ensureDebian(engine, pulled.failure, report);
  const labels = {
    ...imageLabels("postgres"),
    "org.opencontainers.image.title": "PostgreSQL",
    "org.opencontainers.image.version": postgresVersion,
    "odoo-stacks.base": base,
  };
  await withContext(async (context) => {
    copyRecipe(recipeDir("postgres"), context);
    await runBuild(engine, { context, tag, args: { BASE: base }, labels }, report);
  });
}
