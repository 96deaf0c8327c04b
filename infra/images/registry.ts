import type { Report } from "../core/report";
import type { DockerEngine } from "../docker/engine";
import { UserError } from "../core/errors";
import { imageId, pull } from "./argv";
import { classify, diskFull, nothingReachable, reason } from "./failure";
import { neededBytes } from "./space";

/** Where base images may come from. */
export const imageSources = ["registry", "debian"] as const;

/** Where base images come from. */
export type ImageSource = (typeof imageSources)[number];

/** How long Docker Hub may take to answer, in seconds; it does so within one where it can be reached at all. */
const answerSeconds = 8;

/** Why Docker Hub was found out of reach in this run: it is not asked again. */
let outOfReach: string | undefined;

/** What came of asking Docker Hub for an image. */
export type Pulled = { readonly reference: string } | { readonly failure: string };

/**
 * Gets an image from Docker Hub. One that the Engine has already is taken as it is.
 * @param engine The Engine that pulls it.
 * @param reference The image, such as `odoo:19.0`.
 * @param report Receives progress.
 * @returns the reference, or why it could not be had; another source may do then.
 * @throws UserError when the image does not exist or the disk is full.
 */
export async function pullBase(engine: DockerEngine, reference: string, report: Report): Promise<Pulled> {
  const allowed = allowedSource();
  if (allowed === "debian") return { failure: "not asked: ODOO_STACKS_IMAGES is debian" };
  if ((await engine.attempt(imageId(reference), { timeoutSeconds: 30 })).exitCode === 0) return { reference };
  if (outOfReach && !allowed) return { failure: outOfReach };
  const { exitCode, tail } = await engine.follow(
    pull(reference),
    (line) => report(`${reference}: ${line}`),
    answerSeconds,
  );
  if (exitCode === 0) return { reference };
  const kind = classify(tail);
  if (kind === "disk-full") throw diskFull("Docker's data", neededBytes["odoo-base"], undefined);
  if (kind === "not-found") throw noSuchImage(reference, reason(tail));
  if (kind === "unreachable") outOfReach = reason(tail);
  if (allowed === "registry") throw onlyRegistry(reference, reason(tail));
  return { failure: reason(tail) };
}

/**
 * The only source allowed by `ODOO_STACKS_IMAGES` (`registry` or `debian`), or `undefined` for Docker Hub first.
 * @throws UserError for any other value.
 */
export function allowedSource(value = process.env.ODOO_STACKS_IMAGES): ImageSource | undefined {
  if (!value) return undefined;
  const only = imageSources.find((source) => source === value);
  if (only) return only;
  throw new UserError("There is no such source of images.", [
    { path: "ODOO_STACKS_IMAGES", expected: imageSources.join(" or "), found: value },
  ]);
}

function noSuchImage(reference: string, found: string): UserError {
  return new UserError("Docker Hub has no such image.", [
    { path: reference, expected: "a version that was published", found, hint: "see the key odoo.version" },
  ]);
}

function onlyRegistry(reference: string, found: string): UserError {
  return nothingReachable([
    {
      path: reference,
      expected: "an image from Docker Hub",
      found,
      hint: "unset ODOO_STACKS_IMAGES to make images from Debian's packages where Docker Hub does not do",
    },
  ]);
}
