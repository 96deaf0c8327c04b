import type { Place } from "./places";

/** Set to an environment's stack by the command that moves its files: they go where the platform has them. */
export const moveFilesVariable = "ODOO_STACKS_MOVE_FILES";

/** Names of the volumes that an environment's files may be in. */
export interface FilesVolumes {
  /** On one machine, where Docker has its data. */
  readonly own: string;
  /** On all web machines, each of which has the same folder behind it. */
  readonly shared: string;
}

/** @param named What the configuration calls the volume. @default named after the stack */
export const filesVolumes = (stack: string, named?: string): FilesVolumes => ({
  own: named ?? `${stack}-filestore`,
  shared: `${stack}-filestore-shared`,
});

/** Where an environment's files are, or belong. */
export interface FilesPlace {
  /** The machine, or the first of those that share them: the one with the operator and its records. */
  readonly machine: string;
  readonly shared: boolean;
  /** Name of the volume. */
  readonly volume: string;
}

/** Where the files of an environment belong, as its release has it. Where they are, the Swarm's labels say. */
export interface FilesWanted {
  readonly machine: string;
  readonly shared: boolean;
  readonly volumes: FilesVolumes;
}

/** The volume of a place. */
export const volumeAt = (volumes: FilesVolumes, shared: boolean): string => (shared ? volumes.shared : volumes.own);

/** The web machines that are not taken out: those answer no requests, as long as others do. */
export function withoutDrained(web: readonly string[], drained: readonly string[]): readonly string[] {
  const left = web.filter((name) => !drained.includes(name));
  return left.length > 0 ? left : web;
}

/**
 * The web machines with that one first which has the operator now, so that it stays where it is as long as it can.
 * @param wanted The machines as the platform has them.
 * @param operator The one with the operator; undefined where there is none yet.
 */
export function operatorFirst(wanted: readonly string[], operator: string | undefined): readonly string[] {
  if (operator === undefined || !wanted.includes(operator)) return wanted;
  // One machine may have several web containers.
  const isOperator = (name: string) => name === operator;
  return [...wanted.filter(isOperator), ...wanted.filter((name) => !isOperator(name))];
}

/** Where files are that belong elsewhere; undefined where they are where they belong, or nowhere yet. */
export function filesElsewhere({ files, shared }: Place, wanted: FilesWanted): FilesPlace | undefined {
  if (files === undefined || (files === wanted.machine && shared === wanted.shared)) return undefined;
  return { machine: files, shared, volume: volumeAt(wanted.volumes, shared) };
}
