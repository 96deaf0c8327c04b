import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Properties } from "./values";

/** Something that exists in the simulated AWS. */
export interface Thing {
  /** As in `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** Its name, where names of its type can clash. */
  readonly name?: string;
  readonly inputs: Properties;
  /** What a program reads of it. */
  readonly outputs: Properties;
  /** When it was first put there, as ISO 8601 writes it. @default now */
  readonly since?: string;
}

/**
 * What exists in the simulated AWS: a folder with a file each, so that several processes of the provider (one a region, one a run of
 * Pulumi) see the same, and a test can look at it, add what exists beside the program, or take something away by hand. Pulumi's own
 * state stays with the engine. Without a folder nothing is kept, and nothing can clash.
 */
export class World {
  /** @param folder The folder; undefined for none. */
  constructor(private readonly folder: string | undefined) {}

  /** Whether it remembers anything. */
  get kept(): boolean {
    return this.folder !== undefined;
  }

  /** All that exists. */
  all(): Thing[] {
    if (this.folder === undefined) return [];
    mkdirSync(this.folder, { recursive: true });
    return readdirSync(this.folder)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .flatMap((name) => this.read(name) ?? []);
  }

  /** Things of a type. */
  ofType(type: string): Thing[] {
    return this.all().filter((thing) => thing.type === type);
  }

  /** A thing by its ID; undefined where it does not exist. */
  find(type: string, id: string): Thing | undefined {
    return this.folder === undefined ? undefined : this.read(fileOf(type, id));
  }

  /** Puts a thing there, or in the place of what it was. */
  put(thing: Thing): void {
    if (this.folder === undefined) return;
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, fileOf(thing.type, thing.id));
    const since = this.find(thing.type, thing.id)?.since ?? new Date().toISOString();
    writeFileSync(`${file}.${process.pid}`, JSON.stringify({ since, ...thing }, undefined, 2));
    renameSync(`${file}.${process.pid}`, file);
  }

  /** Takes a thing away; does nothing where it does not exist. */
  remove(type: string, id: string): void {
    if (this.folder !== undefined) rmSync(join(this.folder, fileOf(type, id)), { force: true });
  }

  private read(file: string): Thing | undefined {
    try {
      return JSON.parse(readFileSync(join(this.folder ?? "", file), "utf8")) as Thing;
    } catch (error) {
      // Another process has removed it meanwhile.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }
}

/** The file of a thing: IDs have slashes and may be long. */
const fileOf = (type: string, id: string): string =>
  `${type.split(":")[1]?.replace("/", ".") ?? ""}~${encodeURIComponent(id).slice(0, 180)}.json`;
