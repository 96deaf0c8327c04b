import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../core/exec";
import { UserError } from "../core/errors";
import { labelPrefix } from "../core/labels";
import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { type Addons, addonsPath, readAddons, readNeeds } from "./addons";
import { addonsDir, baseTags, type ImageRequest, recipeDir } from "./content";
import { copyFiles, copyRecipe, makeFolder, withContext } from "./context";
import { ensureDebian } from "./debian";
import { runBuild } from "./runBuild";
import { allowedSource, pullBase } from "./registry";
import { requireSpace } from "./space";
import { exists, imageLabels, once } from "./store";

/** Builds the image of one version of the user's Odoo. */
export async function buildOdoo(
  engine: DockerEngine,
  tag: string,
  request: ImageRequest,
  report: Report,
): Promise<void> {
  const addons = readAddons(addonsDir(request));
  const size = addons.files.reduce((sum, file) => sum + file.size, 0);
  await requireSpace(engine, "odoo", 3 * size);
  const base = await ensureOdooBase(engine, request.version ?? "19.0", report);
  const labels = { ...imageLabels("odoo"), ...(await describe(addons, request, base)) };
  await withContext(async (context) => {
    copyRecipe(recipeDir("odoo"), context);
    makeFolder(join(context, "addons"), context);
    copyFiles(addons.files, join(context, "addons"));
    for (const list of ["packages.txt", "requirements.txt"] as const) {
      writeFileSync(join(context, "needs", list), readNeeds(addons, list));
    }
    const certificates = trustedCertificates();
    if (certificates) copyFileSync(certificates, join(context, "needs/ca-certificates.crt"));
    const args = { BASE: base, ADDONS_PATH: addonsPath(addons) };
    await runBuild(engine, { context, tag, args, labels }, report);
  });
}

/** Odoo without anyone's modules: Docker Hub's image, or one made from Debian's packages. */
async function ensureOdooBase(engine: DockerEngine, version: string, report: Report): Promise<string> {
  const tag = baseTags.odoo();
  if (version === "19.0" && allowedSource() !== "registry" && (await exists(engine, tag))) return tag;
  await requireSpace(engine, "odoo-base");
  const pulled = await pullBase(engine, `odoo:${version}`, report);
  if ("reference" in pulled) return pulled.reference;
  if (version !== "19.0") throw onlyFromRegistry(version, pulled.failure);
  const debian = await ensureDebian(engine, pulled.failure, report);
  return once(engine, tag, report, () =>
    withContext(async (context) => {
      copyRecipe(recipeDir("odoo/debian"), context);
      await runBuild(engine, { context, tag, args: { BASE: debian }, labels: imageLabels("base-odoo") }, report);
    }),
  );
}

/** The file with the certificate authorities that this machine trusts: where Debian or Fedora keeps it, unless told. */
function trustedCertificates(): string | undefined {
  const usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
  return [process.env.PIP_CERT, process.env.SSL_CERT_FILE, ...usual].find((file) => file && existsSync(file));
}

/** Labels that say what is in the image. */
async function describe(addons: Addons, request: ImageRequest, base: string): Promise<Record<string, string>> {
  const git = await attempt(["git", "-C", addonsDir(request), "rev-parse", "HEAD"], { timeoutSeconds: 10 });
  return {
    "org.opencontainers.image.title": "Odoo",
    "org.opencontainers.image.version": request.version ?? "19.0",
    ...(git.exitCode === 0 ? { "org.opencontainers.image.revision": git.stdout.trim() } : {}),
    [`${labelPrefix}.base`]: base,
    [`${labelPrefix}.modules`]: addons.modules.map(({ name, version }) => `${name}=${version}`).join(" "),
  };
}

function onlyFromRegistry(version: string, found: string): UserError {
  return new UserError("This version of Odoo can't be had here.", [
    {
      path: "odoo.version",
      expected: "19.0, the only version that can be made without Docker Hub",
      found: `${version}, and Docker Hub did not do: ${found}`,
    },
  ]);
}
