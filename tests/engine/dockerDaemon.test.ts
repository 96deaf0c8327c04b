import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silent } from "../../infra/core/report";
import { startDaemon, stopStartedDaemon } from "../../infra/docker/daemon";
import { defaultHost } from "../../infra/docker/engine";
import { ensureDocker, stopDocker } from "../../infra/docker/ensure";
import { ping } from "../../infra/docker/ping";
import { findProgram } from "../../infra/docker/system";
import { ensureImage } from "../../infra/images";
import { folderWith } from "../support/folders";
import { must } from "../support/shell";

// A second daemon, beside the machine's own: on its own socket, with its own data, and in a network of its own, because a
// daemon without a bridge takes away the one that the machine's own daemon uses.
let root: string;
let host: string;
const options = () => [
  ...["--data-root", join(root, "data"), "--exec-root", join(root, "exec"), "--pidfile", join(root, "docker.pid")],
  ...["--bridge", "none", "--iptables=false", "--storage-driver", "vfs"],
];

beforeEach(() => {
  root = folderWith({});
  host = `unix://${join(root, "docker.sock")}`;
  mkdirSync(join(root, "state"));
  mkdirSync(join(root, "bin"));
  const program = `#!/bin/sh\nexec unshare --net ${findProgram("dockerd") ?? "dockerd"} "$@"\n`;
  writeFileSync(join(root, "bin/dockerd"), program, { mode: 0o755 });
  vi.stubEnv("PATH", `${join(root, "bin")}:${process.env.PATH ?? ""}`);
  vi.stubEnv("ODOO_STACKS_STATE_DIR", join(root, "state"));
  vi.stubEnv("DOCKER_HOST", host);
});
afterEach(async () => {
  await stopStartedDaemon(silent);
  vi.unstubAllEnvs();
});

describe("a daemon that is started here", () => {
  it("answers, is remembered, and is stopped again", async () => {
    await startDaemon(host, silent, options());
    expect(await ping(host)).toEqual({ answers: true });
    await ensureDocker(silent); // Nothing to do.
    expect(JSON.parse(readFileSync(join(root, "state/docker/started.json"), "utf8"))).toHaveProperty("host", host);
    await stopDocker(silent);
    expect(await ping(host)).toMatchObject({ answers: false });
    await stopDocker(silent); // Stopped already.
  });

  it("is left alone while containers run in it", async () => {
    // The proxy's image is small and needs nothing: no network, no other files.
    const { id } = await ensureImage("proxy", silent, { dockerHost: defaultHost });
    await startDaemon(host, silent, options());
    await must(["sh", "-c", `docker --host ${defaultHost} save ${id} | docker load`]);
    await must(["docker", "run", "--detach", "--network", "none", "--name", "probe", id]);
    const said: string[] = [];
    await stopDocker((line) => said.push(line));
    expect(said).toEqual(["Docker goes on running: it has other containers."]);
    expect(await ping(host)).toEqual({ answers: true });
    await must(["docker", "rm", "--force", "probe"]);
  });

  it("that does not come up is an error with the end of its log", async () => {
    const failing = startDaemon(host, silent, [...options(), "--log-level", "nonsense"]);
    await expect(failing).rejects.toThrow(/started but does not answer[^]*nonsense[^]*dockerd\.log/);
  });
});

it("an Engine that DOCKER_HOST names and that does not answer is not replaced", async () => {
  await expect(ensureDocker(silent)).rejects.toThrow(/unset DOCKER_HOST/);
});
