import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { ensureKamalProxy } from "../engine";
import * as argv from "./argv";
import { proxyVersion, recipeDir } from "./content";
import { copyRecipe, makeFolder, withContext } from "./context";
import { pullBase } from "./registry";
import { runBuild } from "./runBuild";
import { requireSpace } from "./space";
import { imageLabels } from "./store";

/** Builds the image of kamal-proxy: its binary, from Docker Hub's image or built here, and our pages. */
export async function buildProxy(engine: DockerEngine, tag: string, report: Report): Promise<void> {
  await requireSpace(engine, "proxy");
  const reference = `basecamp/kamal-proxy:v${proxyVersion}`;
  const pulled = await pullBase(engine, reference, report);
  const labels = {
    ...imageLabels("proxy"),
    "org.opencontainers.image.title": "kamal-proxy",
    "org.opencontainers.image.version": proxyVersion,
    "odoo-stacks.base": "reference" in pulled ? reference : "scratch",
  };
  await withContext(async (context) => {
    copyRecipe(recipeDir("proxy"), context);
    const binary = join(context, "files/bin/kamal-proxy");
    makeFolder(join(context, "files/bin"), context);
    if ("reference" in pulled) await copyFromImage(engine, reference, "/usr/local/bin/kamal-proxy", binary);
    else copyFileSync(await ensureKamalProxy(report), binary);
    chmodSync(binary, 0o755);
    // Authorities that Let's Encrypt's own servers are checked against; an image from scratch has none.
    makeFolder(join(context, "files/etc/ssl/certs"), context);
    writeFileSync(join(context, "files/etc/ssl/certs/ca-certificates.crt"), rootCertificates.join("\n"));
    // Belong to the proxy's user: its state, which is a volume, and the socket that its commands go through.
    makeFolder(join(context, "home/.config/kamal-proxy"), context);
    makeFolder(join(context, "home/run"), context);
    await runBuild(engine, { context, tag, labels }, report);
  });
}

async function copyFromImage(engine: DockerEngine, image: string, path: string, to: string): Promise<void> {
  const container = (await engine.run(argv.createContainer(image), { timeoutSeconds: 60 })).trim();
  try {
    await engine.run(argv.copyOut(container, path, to), { timeoutSeconds: 60 });
  } finally {
    await engine.attempt(argv.removeContainer(container), { timeoutSeconds: 60 });
  }
}
