import type { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { RunResponse } from "@pulumi/pulumi/proto/language_pb";

import { type Ending, ended, resolveFrom, start } from "./processes";

/** The code with which the SDK ends a program whose errors it has already shown. */
const errorsAlreadyShown = 32;

/** What is said to whoever wants to attach a debugger. */
const noDebugger =
  "This language host can't attach a debugger: install Pulumi's own (https://www.pulumi.com/docs/install/) for that";

/** The options of `runtime` in Pulumi.yaml that the language host knows. */
export interface RuntimeOptions {
  /** Whether Pulumi's SDK loads ts-node; on unless it is `false`. */
  readonly typescript?: boolean;
  /** The tsconfig for ts-node, relative to the program. */
  readonly tsconfig?: string;
  /** Arguments for Node itself, separated by spaces. */
  readonly nodeargs?: string;
  /** What installs packages: npm (default), yarn, pnpm or bun. */
  readonly packagemanager?: string;
}

/**
 * The arguments with which Node runs a program.
 * @param request What the engine asks for.
 * @param engineAddress The engine's own gRPC address, for logs.
 * @param runner The path of the SDK's module that runs programs.
 * @param options The runtime's options.
 */
export function programArguments(
  request: RunRequest,
  engineAddress: string,
  runner: string,
  options: RuntimeOptions,
): readonly string[] {
  const flag = (name: string, value: string): string[] => (value === "" ? [] : [`--${name}`, value]);
  const entryPoint = request.getInfo()?.getEntryPoint() ?? request.getProgram();
  return [
    ...(options.nodeargs?.split(" ").filter((arg) => arg !== "") ?? []),
    runner,
    ...flag("monitor", request.getMonitorAddress()),
    ...flag("engine", engineAddress),
    ...flag("organization", request.getOrganization()),
    ...flag("project", request.getProject()),
    ...flag("root-directory", request.getInfo()?.getRootDirectory() ?? ""),
    ...flag("stack", request.getStack()),
    ...flag("pwd", request.getPwd()),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...flag("parallel", String(request.getParallel())),
    entryPoint === "" ? "." : entryPoint,
    ...request.getArgsList(),
  ];
}

/**
 * The variables through which the SDK hands config to a program, as Pulumi defines them.
 * @param request What the engine asks for.
 * @param options The runtime's options.
 */
export function programEnvironment(request: RunRequest, options: RuntimeOptions): Record<string, string> {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().getEntryList())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(options.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
  };
}

/** What the engine is told about the end of a program. */
export function programResponse(ending: Ending): RunResponse {
  const response = new RunResponse();
  if (ending.code === 0) return response;
  if (ending.code === errorsAlreadyShown) return response.setBail(true);
  return response.setError(
    ending.signal
      ? `Program was ended by ${ending.signal}`
      : `Program exited with non-zero exit code: ${ending.code ?? "none"}`,
  );
}

/**
 * Runs a program to its end. Its output goes where the language host's goes, which the engine reads.
 * @param request What the engine asks for.
 * @param engineAddress The engine's own gRPC address, for logs.
 */
export async function runProgram(request: RunRequest, engineAddress: string): Promise<RunResponse> {
  if (request.getAttachDebugger()) return new RunResponse().setError(noDebugger);
  const options = (request.getInfo()?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const runner = resolveFrom("@pulumi/pulumi/cmd/run", directory);
  const child = start(process.execPath, programArguments(request, engineAddress, runner, options), {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...programEnvironment(request, options) },
  });
  return programResponse(await ended(child));
}
