import { type handleUnaryCall, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Declarations } from "./declarations";
import { readFaults } from "./faults";
import { invoke } from "./functions";
import { type Place, Provider } from "./provider";
import { isRegion } from "./regions";
import { hasUnknown, type Properties } from "./values";
import { whenReady } from "./standIns";
import { World } from "./world";

/**
 * A test double of Pulumi's provider `aws`, as a plugin that the engine starts: what it makes exists nowhere but in a folder. Users get
 * the official plugin. Whether AWS would accept something is another question, which it can't answer.
 *
 * Variables: `ODOO_STACKS_SIMULATED_AWS` (the folder with what exists, world.ts), `…_FAIL` (what fails, faults.ts), `…_ACCOUNT`,
 * `…_IMAGES` (any text; another one stands for newer images), `…_PACKAGE` (the folder of `@pulumi/aws`).
 */
const variable = (name: string): string | undefined => process.env[`ODOO_STACKS_SIMULATED_AWS${name}`];

const account = variable("_ACCOUNT") ?? "123456789012";
const world = new World(variable(""));
const faults = readFaults(variable("_FAIL"));
const declarations = new Declarations(variable("_PACKAGE") ?? "");
let place: Place = { account, region: "", defaultTags: {} };
let provider = new Provider(declarations, world, place, faults);

/** Answers a call with what a function returns or, where it throws, with its message. */
function answer<Request, Response>(
  handler: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return ({ request }, callback) => {
    void (async () => handler(request))().then(
      (response) => callback(null, response),
      (error: unknown) => callback({ code: status.UNKNOWN, details: (error as Error).message }),
    );
  };
}

const properties = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};
const struct = (of: Properties): Struct =>
  Struct.fromJavaScript(JSON.parse(JSON.stringify(of)) as Record<string, never>);
/** The type in a URN, without those of its parents. */
const typeIn = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const nameIn = (urn: string): string => urn.split("::").slice(3).join("::");

/** Takes over what a provider is configured with; values that are no texts come as JSON. */
function configure(request: proto.ConfigureRequest): proto.ConfigureResponse {
  const args = properties(request.getArgs());
  const parsed = (key: string): unknown => (typeof args[key] === "string" ? JSON.parse(args[key]) : args[key]);
  const region = typeof args.region === "string" && args.region ? args.region : (process.env.AWS_REGION ?? "");
  const [role] = (parsed("assumeRoles") ?? []) as { roleArn?: string }[];
  const tags = (parsed("defaultTags") ?? {}) as { tags?: Properties };
  const own = /^arn:aws:iam::(\d{12}):/.exec(role?.roleArn ?? "")?.[1] ?? account;
  place = { account: own, region, defaultTags: tags.tags ?? {} };
  provider = new Provider(declarations, world, place, faults);
  const response = new proto.ConfigureResponse();
  response.setSupportspreview(true);
  return response;
}

function checkConfig(request: proto.CheckRequest): proto.CheckResponse {
  const news = properties(request.getNews());
  const region = news.region ?? process.env.AWS_REGION;
  const response = new proto.CheckResponse();
  response.setInputs(struct(news));
  if (hasUnknown(region) || (typeof region === "string" && isRegion(region))) return response;
  const reason = `Invalid AWS Region: ${typeof region === "string" ? region : ""}`;
  response.setFailuresList([failure({ property: "region", reason })]);
  return response;
}

function failure({ property, reason }: { property: string; reason: string }): proto.CheckFailure {
  const made = new proto.CheckFailure();
  made.setProperty(property);
  made.setReason(reason);
  return made;
}

function check(request: proto.CheckRequest): proto.CheckResponse {
  const { inputs, failures } = provider.check({
    type: typeIn(request.getUrn()),
    logicalName: nameIn(request.getUrn()),
    olds: properties(request.getOlds()),
    news: properties(request.getNews()),
    seed: request.getRandomseed_asB64(),
  });
  const response = new proto.CheckResponse();
  response.setInputs(struct(inputs));
  response.setFailuresList(failures.map(failure));
  return response;
}

function diff(request: proto.DiffRequest): proto.DiffResponse {
  const [olds, news] = [properties(request.getOldInputs()), properties(request.getNews())];
  const { changed, replaces, deleteFirst } = provider.diff(typeIn(request.getUrn()), olds, news);
  const response = new proto.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...changed]);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(deleteFirst);
  response.setHasdetaileddiff(true);
  for (const key of changed)
    response.getDetaileddiffMap().set(key, kindOfChange(olds[key], news[key], replaces.includes(key)));
  return response;
}

function kindOfChange(before: unknown, after: unknown, replaces: boolean): proto.PropertyDiff {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const made = new proto.PropertyDiff();
  if (before === undefined) made.setKind(replaces ? ADD_REPLACE : ADD);
  else if (after === undefined) made.setKind(replaces ? DELETE_REPLACE : DELETE);
  else made.setKind(replaces ? UPDATE_REPLACE : UPDATE);
  made.setInputdiff(true);
  return made;
}

async function create(request: proto.CreateRequest): Promise<proto.CreateResponse> {
  const [type, inputs] = [typeIn(request.getUrn()), properties(request.getProperties())];
  const response = new proto.CreateResponse();
  if (request.getPreview()) {
    response.setProperties(struct(provider.planned(type, inputs)));
    return response;
  }
  const { id, outputs } = provider.create(type, inputs);
  await whenReady(variable(""), type, typeof outputs.identifier === "string" ? outputs.identifier : id);
  response.setId(id);
  response.setProperties(struct(outputs));
  return response;
}

function read(request: proto.ReadRequest): proto.ReadResponse {
  const state = {
    id: request.getId(),
    inputs: properties(request.getInputs()),
    outputs: properties(request.getProperties()),
  };
  const found = provider.read(typeIn(request.getUrn()), request.getId(), state);
  const response = new proto.ReadResponse();
  if (!found) return response;
  response.setId(found.id);
  // What the program has not given, but this made up, is the engine's to keep.
  const own = state.inputs.__defaults;
  response.setInputs(struct(own === undefined ? found.inputs : { ...found.inputs, __defaults: own }));
  response.setProperties(struct(found.outputs));
  return response;
}

function update(request: proto.UpdateRequest): proto.UpdateResponse {
  const before = {
    id: request.getId(),
    inputs: properties(request.getOldInputs()),
    outputs: properties(request.getOlds()),
  };
  const news = properties(request.getNews());
  const type = typeIn(request.getUrn());
  const response = new proto.UpdateResponse();
  const outputs = request.getPreview()
    ? { ...before.outputs, ...news }
    : provider.update(type, request.getId(), before, news);
  response.setProperties(struct(outputs));
  return response;
}

function remove(request: proto.DeleteRequest): Empty {
  provider.delete(typeIn(request.getUrn()), request.getId(), properties(request.getProperties()));
  return new Empty();
}

function call(request: proto.InvokeRequest): proto.InvokeResponse {
  const response = new proto.InvokeResponse();
  const args = properties(request.getArgs());
  response.setReturn(struct(invoke(request.getTok(), args, place, world, faults, variable("_IMAGES") ?? "")));
  return response;
}

function main(): void {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, {
    getPluginInfo: answer(() => new PluginInfo().setVersion(variable("_VERSION") ?? "7.0.0")),
    attach: answer(() => new Empty()),
    cancel: answer(() => new Empty()),
    checkConfig: answer(checkConfig),
    diffConfig: answer(() => new proto.DiffResponse()),
    configure: answer(configure),
    check: answer(check),
    diff: answer(diff),
    create: answer(create),
    read: answer(read),
    update: answer(update),
    delete: answer(remove),
    invoke: answer(call),
  });
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(String(port));
  });
  // The engine ends it by a signal; one that was killed closes its stdin all the same.
  process.on("SIGTERM", () => process.exit(0)).on("SIGINT", () => process.exit(0));
}

main();
