import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { repositoryDir } from "../core/paths";
import { readAddons } from "./addons";
import { hashFiles, listFiles, type SourceFile } from "./files";

// Used at every preview: nothing but Node's own modules may be loaded here.

/** The images of this project. */
export const imageKinds = ["odoo", "postgres", "proxy", "operator", "mail"] as const;

/** One of the images of this project. */
export type ImageKind = (typeof imageKinds)[number];

/** What an image is made for. */
export interface ImageRequest {
  /** Odoo's version as Docker Hub's tags name it: `19.0`, or `19.0-20260901` for that day's. Only `odoo` has one. @default "19.0" */
  readonly version?: string;
  /** Folder with the user's modules, relative to the project or absolute. Only `odoo` has one. @default "addons" */
  readonly addons?: string;
}

/** The version of PostgreSQL: Odoo 19 takes 13 and later, and this is Debian's stable one. */
export const postgresVersion = "17";

/** The version of kamal-proxy, as `infra/engine/proxy/go.mod` pins it for machines that build it. */
export const proxyVersion = "0.9.2";

/** The version of Mailpit, which catches mails. */
export const mailpitVersion = "1.31.3";

/** What an image is made by: a folder beside this file. */
type Recipe = "debian" | "odoo/debian" | "mail/mailpit" | "mail/maildev" | ImageKind;

/** The folder with an image's recipe. */
export const recipeDir = (name: Recipe): string => join(__dirname, name);

/** The addons folder of a request as an absolute path. */
export const addonsDir = (request: ImageRequest): string => resolve(repositoryDir, request.addons ?? "addons");

/**
 * The tag that an image has, or will have once it is built: `odoo-stacks/odoo:19.0-1a2b3c4d5e6f`. It follows from all that
 * goes into it (recipe, version, the user's modules) and not from where the base came from: the same commit has the same tag
 * everywhere.
 */
export function expectedTag(kind: ImageKind, request: ImageRequest = {}): string {
  if (kind === "odoo") {
    const version = request.version ?? "19.0";
    return tag(kind, version, ["debian", "odoo"], readAddons(addonsDir(request)).files);
  }
  if (kind === "operator") {
    const { version, dependencies } = projectPackage();
    const packages = operatorPackages.map((name) => `${name}@${dependencies[name] ?? ""}`);
    return tag(kind, version, ["debian", "operator"], operatorSources(), packages);
  }
  if (kind === "mail") return tag(kind, "1", ["debian", "mail"], [], [mailpitVersion]);
  return kind === "postgres" ? tag(kind, postgresVersion, ["debian", "postgres"]) : tag(kind, proxyVersion, ["proxy"]);
}

/** Where the operator's program is made from; its steps are Pulumi's side. */
export const operatorFolders = [
  "infra/operator",
  "infra/trial",
  "infra/swarm",
  "infra/commands",
  "infra/core",
] as const;
const notOperators = /^infra\/commands\/steps\//;

/** Packages that are part of the operator's program. Their own needs follow from them. */
export const operatorPackages = ["execa", "fastest-levenshtein", "httpxy"] as const;

/** The parts of package.json that the operator's image follows from. */
function projectPackage() {
  return JSON.parse(readFileSync(join(repositoryDir, "package.json"), "utf8")) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
}

/** The version of the operator: that of this project. */
export const operatorVersion = (): string => projectPackage().version;

/** All files that the operator's program may be made from. A hash of these is cheaper than making it. */
export function operatorSources(): readonly SourceFile[] {
  const files = operatorFolders.flatMap((folder) =>
    listFiles(join(repositoryDir, folder)).map((file) => ({ ...file, path: `${folder}/${file.path}` })),
  );
  return files.filter(({ path }) => !notOperators.test(path));
}

/** The tags of the two intermediate images that are made where no container registry answers. */
export const baseTags = {
  debian: () => tag("base-debian", "trixie", ["debian"]),
  odoo: () => tag("base-odoo", "19.0", ["debian", "odoo/debian"]),
};

function tag(
  name: string,
  version: string,
  recipes: readonly Recipe[],
  files: readonly SourceFile[] = [],
  packages: readonly string[] = [],
): string {
  const hash = createHash("sha256");
  hash.update([name, version, ...packages, ""].join("\0"));
  for (const recipe of recipes) hashFiles(hash, listFiles(recipeDir(recipe)));
  hashFiles(hash, files);
  return `odoo-stacks/${name}:${version}-${hash.digest("hex").slice(0, 12)}`;
}
