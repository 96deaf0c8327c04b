import { spawn } from "node:child_process";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { onEngine } from "../commands/docker";
import { addedVariables } from "../core/exec";

/** How a machine joins a Swarm. */
export interface Joining {
  /** The secret that lets it in. */
  readonly token: string;
  /** The IP address that others reach it at. */
  readonly advertise: string;
  /** Address and port of a manager. */
  readonly manager: string;
}

/** The longest that joining may take, in seconds. */
const joinSeconds = 90;

/**
 * Has an Engine join a Swarm: by its own interface, since the arguments of `docker swarm join` would show the secret to everyone
 * on this machine. https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Swarm/operation/SwarmJoin
 * @param dockerHost The Engine, as `DOCKER_HOST` names it.
 * @throws Error with what the Engine says.
 */
export async function joinSwarm(dockerHost: string, { token, advertise, manager }: Joining): Promise<void> {
  const body = JSON.stringify({
    ListenAddr: "0.0.0.0:2377",
    AdvertiseAddr: advertise,
    RemoteAddrs: [manager],
    JoinToken: token,
  });
  const { status, said } = await ask(dockerHost, { method: "POST", path: "/swarm/join", body, seconds: joinSeconds });
  if (status !== 200) throw new Error(`joining the Swarm at ${manager} failed: ${said || `status ${status}`}`);
}

/** A volume in an Engine's answer about its disk. */
export interface VolumeUse {
  readonly Labels: Readonly<Record<string, string>> | null;
  /** ISO 8601. */
  readonly CreatedAt: string;
  /** Bytes; -1 where they are not known. */
  readonly UsageData?: { readonly Size: number } | null;
}

/** Counting the files of large volumes takes that long, in seconds. */
const countSeconds = 120;

/**
 * The volumes of an Engine, with their sizes; `docker system df` rounds them.
 * https://docs.docker.com/reference/api/engine/version/v1.47/#tag/System/operation/SystemDataUsage
 * @param dockerHost The Engine, as `DOCKER_HOST` names it. @default that of commands without another
 * @throws Error with what the Engine says, or when it does not answer.
 */
export async function volumeUse(dockerHost?: string): Promise<readonly VolumeUse[]> {
  const asking = { method: "GET", path: "/system/df?type=volume", seconds: countSeconds } as const;
  const { status, said } = await ask(dockerHost, asking);
  if (status !== 200) throw new Error(said || `status ${status}`);
  return (JSON.parse(said) as { Volumes?: readonly VolumeUse[] | null }).Volumes ?? [];
}

interface Asking {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** JSON. @default nothing */
  readonly body?: string;
  /** The longest wait for an answer. */
  readonly seconds: number;
}

/** Asks an Engine by its own interface. Docker's client connects to any that it knows how to reach. */
function ask(
  dockerHost: string | undefined,
  { method, path, body = "", seconds }: Asking,
): Promise<{ status: number; said: string }> {
  const [program = "", ...args] = onEngine(dockerHost, ["docker", "system", "dial-stdio"]);
  const env = { ...process.env, ...addedVariables() };
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise<{ status: number; said: string }>((resolve, reject) => {
    child.once("error", reject);
    const asked = request(
      { method, path, headers, createConnection: () => connection, timeout: seconds * 1000 },
      (response) => {
        text(response).then((said) => resolve({ status: response.statusCode ?? 0, said: said.trim() }), reject);
      },
    );
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${seconds} s`)));
    // A connection that breaks off is told of more than once.
    asked.on("error", reject);
    asked.end(body);
  }).finally(() => child.kill());
}
