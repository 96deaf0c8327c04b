import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Argv } from "../commands/docker";
import * as docker from "../commands/docker";
import { UserError } from "../core/errors";
import { labelPrefix } from "../core/labels";
import { filesVolumes } from "../swarm/files";
import type { Place, SwarmNode } from "../swarm/places";
import { listenError } from "./listen";
import type { DataVolume, Target, TargetFacts } from "./target";

const execute = promisify(execFile);

/** Docker's own default: https://docs.docker.com/reference/cli/docker/#environment-variables */
const defaultHost = "unix:///var/run/docker.sock";

interface EngineInfo {
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly DockerRootDir: string;
  readonly ServerErrors?: readonly string[];
}

/** This machine's Docker Engine, or the one that `DOCKER_HOST` names. Asked with the `docker` command, which starts faster
 * than a client library loads: every preview waits for it. */
export class LocalTarget implements Target {
  /** @param dockerHost The Engine. @default `DOCKER_HOST`, else Docker's own socket */
  constructor(readonly dockerHost: string = process.env.DOCKER_HOST ?? defaultHost) {}

  async facts(): Promise<TargetFacts> {
    const info = JSON.parse(await this.ask(docker.info())) as EngineInfo;
    if (info.ServerErrors?.length) throw this.unreachable(info.ServerErrors.join("; "));
    return { machine: { cores: info.NCPU, memoryBytes: info.MemTotal }, dataRoot: info.DockerRootDir };
  }

  async dataVolumes(stack: string): Promise<readonly DataVolume[]> {
    const lines = (await this.ask(docker.volumesWithLabel(`${labelPrefix}.stack=${stack}`))).trim().split("\n");
    const volumes = lines.filter(Boolean).map((line): DataVolume => {
      const volume = JSON.parse(line) as { Name: string; Labels: string };
      const labels = new Map(volume.Labels.split(",").map((label) => label.split("=", 2) as [string, string]));
      const label = (key: string) => labels.get(`${labelPrefix}.${key}`);
      return { name: volume.Name, role: label("role") ?? "", database: label("database") };
    });
    const { shared } = filesVolumes(stack);
    if (!volumes.some(({ name }) => name === shared)) return volumes;
    const folder = (await this.ask(docker.volumeFolder(shared))).trim() || undefined;
    return volumes.map((volume) => (volume.name === shared ? { ...volume, folder } : volume));
  }

  nodes(): Promise<readonly SwarmNode[]> {
    return Promise.resolve([]);
  }

  /** One machine has everything. */
  place(): Promise<Place> {
    return Promise.resolve({ shared: false, drained: [], down: [] });
  }

  listenError(address: string, port: number): Promise<string | undefined> {
    return listenError(address, port);
  }

  async portHolder(port: number): Promise<string | undefined> {
    const format = `{{.Label "${labelPrefix}.stack"}}`;
    const argv = [
      "docker",
      "ps",
      "--filter",
      `publish=${port}`,
      "--filter",
      `label=${labelPrefix}.stack`,
      "--format",
      format,
    ];
    return (await this.ask(argv)).trim() || undefined;
  }

  private async ask([file = "", ...args]: Argv): Promise<string> {
    try {
      const env = { ...process.env, DOCKER_HOST: this.dockerHost };
      return (await execute(file, args, { env, timeout: 20_000, maxBuffer: 16 * 1024 * 1024 })).stdout;
    } catch (error) {
      throw this.unreachable(error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error));
    }
  }

  private unreachable(found: string): UserError {
    return new UserError("Docker does not answer.", [
      {
        path: this.dockerHost,
        expected: "a running Docker Engine",
        found,
        hint: "`npm start` installs and starts one on Debian and Ubuntu; `docker info` tells more",
      },
    ]);
  }
}
