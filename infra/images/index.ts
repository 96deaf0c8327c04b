import type { Report } from "../core/report";
import { DockerEngine } from "../docker/engine";
import { expectedTag, type ImageKind, type ImageRequest } from "./content";
import { buildMail } from "./mail";
import { buildOdoo } from "./odoo";
import { buildOperator } from "./operator";
import { buildPostgres } from "./postgres";
import { buildProxy } from "./proxy";
import { findId, once } from "./store";

export { expectedTag, type ImageKind, imageKinds, type ImageRequest } from "./content";
export { existingImage } from "./existing";
export { transfer } from "./transfer";
export { moduleInventory, verifyModules } from "./modules";

type Build = (engine: DockerEngine, tag: string, report: Report, request: ImageRequest) => Promise<void>;

const builders: Readonly<Record<ImageKind, Build>> = {
  odoo: (engine, tag, report, request) => buildOdoo(engine, tag, request, report),
  postgres: buildPostgres,
  proxy: buildProxy,
  operator: buildOperator,
  mail: buildMail,
};

/** An image that the Engine has. */
export interface Image {
  /** `odoo-stacks/odoo:19.0-1a2b3c4d5e6f`; follows from what is in it. */
  readonly tag: string;
  /** `sha256:…`: what containers are made of, so that no registry is asked. */
  readonly id: string;
}

/**
 * Makes sure that the Engine has an image: nothing is done where it is there, which costs about 50 ms.
 * @param kind Which one.
 * @param report Receives progress where it is made.
 * @param request What it is made for; `dockerHost` names the Engine.
 * @throws UserError when it can't be made, saying what to do.
 */
export async function ensureImage(
  kind: ImageKind,
  report: Report,
  request: ImageRequest & { readonly dockerHost?: string } = {},
): Promise<Image> {
  const engine = new DockerEngine(request.dockerHost);
  const tag = expectedTag(kind, request);
  await once(engine, tag, report, () => builders[kind](engine, tag, report, request));
  const id = await findId(engine, tag);
  if (!id) throw new Error(`${tag} was built but is not there any more`);
  return { tag, id };
}

/**
 * Makes sure that the Engine has all images that every environment needs, at the same time as far as they do not wait for one
 * another.
 * @param report Receives progress.
 * @param options Odoo's version and the folder with the user's modules; `dockerHost` names the Engine; with `mail`, also the
 *   image that catches mails, which production does without.
 */
export async function ensureImages(
  report: Report,
  options: {
    readonly addonsDir: string;
    readonly odooVersion: string;
    readonly dockerHost?: string;
    readonly mail?: boolean;
  },
): Promise<void> {
  const { addonsDir: addons, odooVersion: version, dockerHost } = options;
  // All are waited for, also when one fails: a build must not go on behind the back of an error message.
  const work = await Promise.allSettled([
    ensureImage("odoo", report, { addons, version, dockerHost }),
    ensureImage("postgres", report, { dockerHost }),
    ensureImage("proxy", report, { dockerHost }),
    ensureImage("operator", report, { dockerHost }),
    ...(options.mail ? [ensureImage("mail", report, { dockerHost })] : []),
  ]);
  const failed = work.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
