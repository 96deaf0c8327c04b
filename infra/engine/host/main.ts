import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";

import { stopAll } from "./processes";
import { languageRuntime } from "./service";

/**
 * Pulumi's language host for Node, for engines that were built here and so come without one. The engine starts it with its
 * own address as the last argument, reads one line with the port it listens on, and keeps its stdin open while it lives.
 */
function main(): void {
  const engineAddress = process.argv.at(-1) ?? "";
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(LanguageRuntimeService, languageRuntime(engineAddress));
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
    console.log(String(port));
  });
  const stop = (): void => {
    stopAll();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // An engine that was killed can't say goodbye; its end of stdin closes all the same.
  process.stdin.on("end", stop).resume();
}

main();
