import type { ServerWritableStream } from "@grpc/grpc-js";
import type { InstallDependenciesRequest, RunPluginRequest } from "@pulumi/pulumi/proto/language_pb";
import { InstallDependenciesResponse, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ended, resolveFrom, start } from "./processes";
import type { RuntimeOptions } from "./program";

/**
 * What installs a program's packages. npm keeps to the lock file where there is one.
 * @param options The runtime's options.
 * @param directory The folder of the program.
 */
export function installCommand(options: RuntimeOptions, directory: string): readonly [string, ...string[]] {
  const manager = options.packagemanager ?? "npm";
  if (manager !== "npm") return [manager, "install"];
  const install = existsSync(join(directory, "package-lock.json")) ? "ci" : "install";
  return ["npm", install, "--no-audit", "--no-fund", "--loglevel=error"];
}

/** Installs a program's packages and sends on what the package manager says. */
export async function installDependencies(
  call: ServerWritableStream<InstallDependenciesRequest, InstallDependenciesResponse>,
): Promise<void> {
  const info = call.request.getInfo();
  const directory = info?.getProgramDirectory() ?? call.request.getDirectory();
  const options = (info?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;
  const [command, ...args] = installCommand(options, directory);
  const child = start(command, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout?.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new InstallDependenciesResponse().setStderr(chunk)));
  const { code } = await ended(child);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed in ${directory}`);
  call.end();
}

/** Runs a plugin written in JavaScript (a provider or a policy pack) until it ends or the engine hangs up. */
export async function runPlugin(call: ServerWritableStream<RunPluginRequest, RunPluginResponse>): Promise<void> {
  const { request } = call;
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getProgram();
  const program = join(directory, info?.getEntryPoint() ?? ".");
  const isPolicyPack = request.getKind() === "analyzer";
  const runner = resolveFrom(`@pulumi/pulumi/cmd/${isPolicyPack ? "run-policy-pack" : "run-plugin"}`, directory);
  // The two modules take the program at different places.
  const args = isPolicyPack ? [...request.getArgsList(), program] : [program, ...request.getArgsList()];
  const child = start(process.execPath, [runner, ...args], {
    cwd: isPolicyPack ? directory : request.getPwd(), // A policy pack reads its version from ./package.json.
    env: Object.fromEntries(request.getEnvList().map((entry) => entry.split(/=(.*)/s, 2))) as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  call.on("cancelled", () => child.kill("SIGTERM"));
  child.stdout?.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStderr(chunk)));
  const { code } = await ended(child);
  call.write(new RunPluginResponse().setExitcode(code ?? 1));
  call.end();
}
