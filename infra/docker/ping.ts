import { request } from "node:http";
import { DockerEngine } from "./engine";

/** What came of asking an Engine whether it is there. */
export type Answer =
  { readonly answers: true } | { readonly answers: false; readonly failure: string; readonly forbidden: boolean };

/** How long an Engine may take, in seconds. One that has just been started, or is reached over SSH, takes a few. */
const patienceSeconds = 10;

/**
 * Asks an Engine whether it is there. On its socket that takes a few milliseconds; elsewhere the `docker` command asks.
 * @param host The Engine, as `DOCKER_HOST` names it.
 */
export function ping(host: string): Promise<Answer> {
  return host.startsWith("unix://") ? pingSocket(host.slice("unix://".length)) : pingByCommand(host);
}

function pingSocket(socketPath: string): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (failure: string, code?: string) =>
      resolve({ answers: false, failure, forbidden: code === "EACCES" || code === "EPERM" });
    const asked = request({ socketPath, path: "/_ping", timeout: patienceSeconds * 1000 }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve({ answers: true });
      else fail(`status ${response.statusCode ?? 0}`);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${patienceSeconds} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) => fail(error.message, error.code));
    asked.end();
  });
}

async function pingByCommand(host: string): Promise<Answer> {
  const argv = ["docker", "version", "--format", "{{.Server.Version}}"];
  const { exitCode, stderr } = await new DockerEngine(host).attempt(argv, { timeoutSeconds: 2 * patienceSeconds });
  if (exitCode === 0) return { answers: true };
  const failure = stderr.trim().split("\n").at(-1) ?? "";
  return {
    answers: false,
    failure: failure || `no answer within ${2 * patienceSeconds} s`,
    forbidden: /permission denied/i.test(failure),
  };
}
