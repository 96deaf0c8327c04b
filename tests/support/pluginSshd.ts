import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { findProgram, installPackages } from "../../infra/docker/system";
import { freePorts } from "./project";
import { must } from "./shell";
import { until } from "./until";

/** A real SSH server on a port of its own that lets one key in. */
export interface SshServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The key that it lets in. */
  readonly privateKey: string;
  /** The file with that key. */
  readonly keyFile: string;
  /** The key that it shows, as in `authorized_keys`. */
  readonly hostKey: string;
  stop(): void;
}

/** Starts one; Debian's openssh-server is installed where it is missing. */
export async function startSshServer(): Promise<SshServer> {
  if (!findProgram("sshd")) await installPackages(["openssh-server"], (line) => console.log(line));
  const folder = mkdtempSync(join(tmpdir(), "odoo-stacks-sshd-"));
  const path = (name: string) => join(folder, name);
  const [port = 0] = await freePorts(1);
  for (const name of ["host", "client"]) {
    await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path(name)]);
  }
  const settings = {
    Port: port,
    ListenAddress: "127.0.0.1",
    HostKey: path("host"),
    AuthorizedKeysFile: path("client.pub"),
    PidFile: "none",
    PermitRootLogin: "yes",
    PasswordAuthentication: "no",
    StrictModes: "no",
    AcceptEnv: "GREETING PULUMI_COMMAND_*",
    Subsystem: "sftp internal-sftp",
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(path("config"), lines.join(""));
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  // It must be called by its full path, because it calls itself for each connection.
  const server = spawn(findProgram("sshd") ?? "sshd", ["-D", "-e", "-f", path("config")], { stdio: "ignore" });
  await until(`an SSH server on port ${port}`, 20, () => answers(port));
  return {
    host: "127.0.0.1",
    port,
    user: userInfo().username,
    privateKey: readFileSync(path("client"), "utf8"),
    keyFile: path("client"),
    hostKey: readFileSync(path("host.pub"), "utf8"),
    stop() {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
