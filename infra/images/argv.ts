import type { Argv } from "../commands/docker";

// Argument lists for the `docker` command, as far as images are concerned. Pure: nothing here runs anything.

/** Prints an image's ID; fails where there is no such image. */
export const imageId = (image: string): Argv => ["docker", "image", "inspect", "--format", "{{.Id}}", image];

/** Lists the tags that the Engine has of a repository, one a line. */
export const imageTags = (repository: string): Argv => [
  ...["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository],
];

/** Gets an image from a registry. */
export const pull = (image: string): Argv => ["docker", "pull", image];

/** Makes an image of a root file system in a tar archive. */
export const importArchive = (archive: string, tag: string, labels: Readonly<Record<string, string>>): Argv => [
  ...["docker", "import"],
  ...Object.entries(labels).flatMap(([key, value]) => ["--change", `LABEL ${key}=${value}`]),
  archive,
  tag,
];

/** What an image is built from. */
export interface Build {
  /** The folder with the Dockerfile and all that it copies. */
  readonly context: string;
  readonly tag: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Builds an image. With the machine's own network, because packages may come from a mirror that only the machine reaches;
 * `--force-rm`, so that a failed build leaves no container behind.
 */
export const build = (what: Build): Argv => [
  ...["docker", "build", "--network", "host", "--force-rm", "--tag", what.tag],
  ...Object.entries(what.args ?? {}).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
  ...Object.entries(what.labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
  what.context,
];

/** Makes a container that is never started (hence the command), to copy files out of its image; prints its ID. */
export const createContainer = (image: string): Argv => ["docker", "create", image, "none"];

/** Copies a file out of a container. */
export const copyOut = (container: string, path: string, to: string): Argv => [
  "docker",
  "cp",
  `${container}:${path}`,
  to,
];

/** Removes a container and the volumes that it came with. */
export const removeContainer = (container: string): Argv => ["docker", "rm", "--force", "--volumes", container];

/** Runs a Python program, given as its source, in an image, without network. */
export const runPython = (image: string, source: string): Argv => [
  ...["docker", "run", "--rm", "--network", "none", "--label", "odoo-stacks.role=job", "--entrypoint", "python3"],
  ...[image, "-c", source],
];

/** Prints the folder that the Engine keeps everything in. */
export const dataRoot = (): Argv => ["docker", "info", "--format", "{{.DockerRootDir}}"];
