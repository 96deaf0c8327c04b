import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, UserError } from "../core/errors";
import { nearest } from "../core/nearest";
import { cacheDir } from "../core/paths";
import { DockerEngine } from "../docker/engine";
import { imageId, runPython } from "./argv";

/** The modules that an image has and can install: name → names of the modules that it depends on. */
export type ModuleInventory = Readonly<Record<string, readonly string[]>>;

/**
 * Lists the modules in an Odoo image, Odoo's own and the user's. Takes about a second the first time; an image never
 * changes, so it is remembered by the image's ID.
 * @param image ID or tag.
 * @param dockerHost The Engine that has it. @default `DOCKER_HOST`
 */
export async function moduleInventory(image: string, dockerHost?: string): Promise<ModuleInventory> {
  const engine = new DockerEngine(dockerHost);
  const id = (await engine.run(imageId(image), { timeoutSeconds: 30 })).trim();
  const folder = join(cacheDir(), "modules");
  const file = join(folder, `${id.replace(":", "-")}.json`);
  const known = readInventory(file);
  if (known) return known;
  const program = readFileSync(join(__dirname, "listModules.py"), "utf8");
  const output = await engine.run(runPython(id, program), { timeoutSeconds: 120 });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, output);
  renameSync(`${file}.${process.pid}`, file);
  return JSON.parse(output) as ModuleInventory;
}

/**
 * Checks that an image has all of some modules and what they depend on, before anything is changed.
 * @param image ID or tag.
 * @param names The modules.
 * @param dockerHost The Engine that has it. @default `DOCKER_HOST`
 * @throws UserError naming every one that is missing, with the nearest name.
 */
export async function verifyModules(image: string, names: readonly string[], dockerHost?: string): Promise<void> {
  const problems = missingModules(await moduleInventory(image, dockerHost), names);
  if (problems.length > 0) throw new UserError("There are modules that the Odoo image does not have.", problems);
}

/** What is missing of some modules and their dependencies; each missing module once. */
export function missingModules(inventory: ModuleInventory, names: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const visit = (name: string, neededBy?: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const dependencies = Object.hasOwn(inventory, name) ? inventory[name] : undefined;
    if (!dependencies) problems.push(missing(name, neededBy, nearest(name, Object.keys(inventory))));
    else for (const dependency of dependencies) visit(dependency, name);
  };
  for (const name of names) visit(name);
  return problems;
}

function missing(name: string, neededBy: string | undefined, near: string | undefined): Problem {
  return {
    path: neededBy ? `modules: ${neededBy} depends on ${name}` : `modules: ${name}`,
    expected: "a module of Odoo or of your addons folder that can be installed",
    found: "none of that name",
    hint: near ? `did you mean ${near}?` : "the name is that of the module's folder; is it in the addons folder?",
  };
}

function readInventory(file: string): ModuleInventory | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ModuleInventory;
  } catch {
    return undefined; // Not there, or not whole: it is made again.
  }
}
