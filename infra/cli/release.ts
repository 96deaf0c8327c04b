import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { existingImage, expectedTag } from "../images";
import { confirm } from "./confirm";
import type { CommonOptions } from "./display";
import { findEnvironment } from "./environment";
import { versionOf } from "./history";
import { localTimeWithZone, parseTime } from "./plannedTime";
import { keyIn, releaseImage, withKey } from "./stackFileKey";
import { runRelease } from "./releaseRun";
import type { StackFile } from "./stacks";
import { projectDir } from "./workspace";

/** What `release` is asked for. */
export interface ReleaseOptions extends CommonOptions {
  readonly stack: string;
  /** The version to release, by its tag; `addons` stands for that of the modules in the addons folder. */
  readonly image?: string;
  /** When it begins. @default now */
  readonly at?: string;
  /** What users are told to expect, with `at`. */
  readonly impact?: string;
  /** Ask nothing. */
  readonly yes?: boolean;
}

/** Releases a version on an environment, now or later, and shows each step of it. */
export async function release(options: ReleaseOptions): Promise<void> {
  const file = findEnvironment(projectDir(), options.stack);
  const at = options.at === undefined ? undefined : parseTime(options.at, new Date());
  const image = options.image === undefined ? nextImage(file) : await wanted(file, options.image);
  if (file.stage === "production" && !options.yes) {
    const when = at ? ` on ${localTimeWithZone(at)}` : "";
    const command = `odoo-stacks release -s ${file.name} --yes`;
    await confirm({ what: `This releases ${versionOf(image)} to ${file.name}${when}.`, command });
  }
  if (options.image !== undefined) setImage(file, options.image);
  await runRelease(file, { ...options, at, image });
}

/** The tag of the image that the next release of a stack is of. */
export const nextImage = ({ file, addons, version }: StackFile): string =>
  keyIn(readFileSync(file, "utf8"), releaseImage) ?? expectedTag("odoo", { addons, version });

/** The tag of the image that is asked for. @throws UserError when there is none of that name. */
async function wanted({ addons, version }: StackFile, image: string): Promise<string> {
  if (image === "addons") return expectedTag("odoo", { addons, version });
  await existingImage(image);
  return image;
}

/**
 * Writes into a stack's file which version to release, because what runs is what the file says.
 * @param image A tag, or `addons` for the modules in the addons folder.
 */
export function setImage({ file, name }: StackFile, image: string): void {
  const text = readFileSync(file, "utf8");
  const edited = withKey(text, releaseImage, image === "addons" ? undefined : image);
  if (edited === text) return;
  writeFileSync(file, edited);
  const says = image === "addons" ? "no longer sets release.image" : `now says release.image: ${image}`;
  console.error(
    `${relative(process.cwd(), file)} ${says}. Commit it: an \`up\` of ${name} from elsewhere would undo it.`,
  );
}
