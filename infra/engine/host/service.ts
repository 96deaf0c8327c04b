import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type {
  GetProgramDependenciesRequest,
  GetRequiredPackagesRequest,
  GetRequiredPluginsRequest,
  ProgramInfo,
  RunRequest,
} from "@pulumi/pulumi/proto/language_pb";
import {
  AboutResponse,
  DependencyInfo,
  GetProgramDependenciesResponse,
  GetRequiredPackagesResponse,
  GetRequiredPluginsResponse,
  LanguageHandshakeResponse,
} from "@pulumi/pulumi/proto/language_pb";
import {
  PackageDependency,
  PackageParameterization,
  PluginDependency,
  PluginInfo,
} from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import { declaredBy, dependenciesOf, findPackage, pluginOf, type RequiredPlugin, usesPulumi } from "./packages";
import { stopAll } from "./processes";
import { runProgram } from "./program";
import { installDependencies, runPlugin } from "./streams";

/** Answers a call with what a function returns or, where it throws, with its message. */
function answer<Request, Response>(
  handler: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call: ServerUnaryCall<Request, Response>, callback) => {
    Promise.resolve(call.request)
      .then(handler)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: status.UNKNOWN, details: (error as Error).message }),
      );
  };
}

/** Runs a function that writes to the call itself; where it throws, the call ends with its message. */
function stream<Request, Response>(
  handler: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    handler(call).catch((error: unknown) =>
      call.emit("error", { code: status.UNKNOWN, details: (error as Error).message }),
    );
  };
}

/** The plugins that a program's packages need, each once. */
function requiredPlugins(info: ProgramInfo | undefined): RequiredPlugin[] {
  const program = findPackage(info?.getProgramDirectory() ?? process.cwd());
  if (!program) return [];
  const plugins = dependenciesOf(program, usesPulumi).map(({ manifest }) => pluginOf(manifest));
  return plugins.filter((plugin) => plugin !== undefined);
}

function packageDependency(plugin: RequiredPlugin): PackageDependency {
  const dependency = new PackageDependency().setKind("resource").setName(plugin.name).setVersion(plugin.version);
  if (plugin.server) dependency.setServer(plugin.server);
  if (plugin.parameterization) {
    const { name, version: itsVersion, value } = plugin.parameterization;
    dependency.setParameterization(new PackageParameterization().setName(name).setVersion(itsVersion).setValue(value));
  }
  return dependency;
}

function pluginDependency(plugin: RequiredPlugin): PluginDependency {
  const dependency = new PluginDependency().setKind("resource").setName(plugin.name).setVersion(plugin.version);
  return plugin.server ? dependency.setServer(plugin.server) : dependency;
}

function programDependencies(request: GetProgramDependenciesRequest): GetProgramDependenciesResponse {
  const program = findPackage(request.getInfo()?.getProgramDirectory() ?? request.getPwd());
  const list = program ? (request.getTransitivedependencies() ? dependenciesOf(program) : declaredBy(program)) : [];
  return new GetProgramDependenciesResponse().setDependenciesList(
    list.map(({ manifest }) => new DependencyInfo().setName(manifest.name ?? "").setVersion(manifest.version ?? "")),
  );
}

/**
 * Pulumi's service `LanguageRuntime` for Node: runs programs and plugins, says which plugins and packages they need.
 * Generating code is not part of it; the engine is told so.
 * @param engineAddress The engine's own gRPC address.
 */
export function languageRuntime(engineAddress: string): UntypedServiceImplementation {
  return {
    handshake: answer(() => new LanguageHandshakeResponse()),
    getPluginInfo: answer(() => new PluginInfo().setVersion(version)),
    about: answer(() => new AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getRequiredPackages: answer((request: GetRequiredPackagesRequest) =>
      new GetRequiredPackagesResponse().setPackagesList(requiredPlugins(request.getInfo()).map(packageDependency)),
    ),
    getRequiredPlugins: answer((request: GetRequiredPluginsRequest) =>
      new GetRequiredPluginsResponse().setPluginsList(requiredPlugins(request.getInfo()).map(pluginDependency)),
    ),
    getProgramDependencies: answer(programDependencies),
    run: answer((request: RunRequest) => runProgram(request, engineAddress)),
    runPlugin: stream(runPlugin),
    installDependencies: stream(installDependencies),
    cancel: answer(() => {
      stopAll();
      return new Empty();
    }),
  };
}
