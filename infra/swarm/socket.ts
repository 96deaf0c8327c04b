import { spawn } from "node:child_process";
import { request } from "node:http";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";

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
  const { status, said } = await post(dockerHost, "/swarm/join", body);
  if (status !== 200) throw new Error(`joining the Swarm at ${manager} failed: ${said || `status ${status}`}`);
}

function post(dockerHost: string, path: string, body: string): Promise<{ status: number; said: string }> {
  // Docker's client connects to any Engine that it knows how to reach.
  const child = spawn("docker", ["--host", dockerHost, "system", "dial-stdio"], { stdio: ["pipe", "pipe", "ignore"] });
  const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise<{ status: number; said: string }>((resolve, reject) => {
    child.once("error", reject);
    const asked = request(
      { method: "POST", path, headers, createConnection: () => connection, timeout: joinSeconds * 1000 },
      (response) => {
        text(response).then((said) => resolve({ status: response.statusCode ?? 0, said: said.trim() }), reject);
      },
    );
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${joinSeconds} s`)));
    asked.once("error", reject);
    asked.end(body);
  }).finally(() => child.kill());
}
