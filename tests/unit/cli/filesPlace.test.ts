import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PlannedMove } from "../../../infra/cli/filesMove";
import { makePlace } from "../../../infra/cli/filesPlace";
import type { RunResult } from "../../../infra/core/exec";
import { filesVolumes, volumeAt } from "../../../infra/swarm/files";

/** What Docker was asked, and what it answers. */
const docker = vi.hoisted(() => ({ asked: [] as string[], answers: new Map<RegExp, Partial<RunResult>>() }));

vi.mock("../../../infra/core/exec", () => {
  const attempt = (argv: readonly string[]): Promise<RunResult> => {
    const asked = argv.join(" ");
    docker.asked.push(asked);
    const answer = [...docker.answers].find(([pattern]) => pattern.test(asked))?.[1];
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...answer });
  };
  return { attempt, run: async (argv: readonly string[]) => (await attempt(argv)).stdout };
});

const machine = (name: string) => ({ name, dockerHost: `ssh://${name}`, cores: 4, memoryBytes: 1, reserveBytes: 1 });

function moveTo(shared: boolean, from: Partial<PlannedMove["from"]> = {}): PlannedMove {
  const volumes = filesVolumes("prod");
  const place = (is: boolean) => ({ machine: "web-1", shared: is, volume: volumeAt(volumes, is) });
  return {
    from: { ...place(false), machine: "main", ...from },
    to: place(shared),
    wanted: { machine: "web-1", shared, volumes },
    path: shared ? "/mnt/prod" : undefined,
    old: machine("main"),
    web: shared ? [machine("web-1"), machine("web-2")] : [machine("web-1")],
  };
}

const make = (move: PlannedMove) => makePlace("prod", move, "sha256:operator", () => undefined);
const created = () => docker.asked.filter((asked) => asked.includes("volume create"));
const missing = { exitCode: 1, stderr: "no such volume" };

beforeEach(() => {
  docker.asked.length = 0;
  docker.answers.clear();
});

describe("the new place of files", () => {
  it("is a volume with our labels, and one for the records", async () => {
    docker.answers.set(/volume inspect/, missing);
    await make(moveTo(false));
    const label = (role: string) => `--label odoo-stacks.stack=prod --label odoo-stacks.role=${role}`;
    expect(created()).toEqual([
      `docker --host ssh://web-1 volume create ${label("filestore")} prod-filestore`,
      `docker --host ssh://web-1 volume create ${label("releases")} prod-releases`,
    ]);
  });

  it("is a folder that is looked at on all machines, behind a volume as the program declares it", async () => {
    docker.answers.set(/volume inspect.*filestore-shared/, missing);
    docker.answers.set(/--entrypoint ls/, { stdout: "lost+found\n.snapshot\n" });
    await make(moveTo(true));
    expect(docker.asked.some((asked) => asked.startsWith("docker --host ssh://web-2 run"))).toBe(true);
    expect(created()[0]).toMatch(/--opt type=none --opt o=bind --opt device=\/mnt\/prod prod-filestore-shared$/);
  });

  it("is left as it is where it is there", async () => {
    docker.answers.set(/volume inspect --format .* prod-filestore-shared/, { stdout: "/mnt/prod\n" });
    docker.answers.set(/--entrypoint ls/, { stdout: "filestore\nsessions\n" });
    await make(moveTo(true));
    expect(created()).toEqual([]);
  });

  it("is no folder with other files, and no volume of another kind", async () => {
    docker.answers.set(/volume inspect.*filestore-shared/, missing);
    docker.answers.set(/--entrypoint ls/, { stdout: "filestore\n" });
    await expect(make(moveTo(true))).rejects.toThrow(/an empty folder[^]*\/mnt\/prod with filestore/);
    docker.answers.clear();
    docker.answers.set(/volume inspect.*filestore-shared/, { stdout: "/mnt/old\n" });
    await expect(make(moveTo(true))).rejects.toThrow(/"\/mnt\/old", the folder of the volume[^]*"\/mnt\/prod"/);
    docker.answers.set(/volume inspect.*prod-filestore$/, { stdout: "/mnt/old\n" });
    await expect(make(moveTo(false))).rejects.toThrow(/"\/mnt\/old"[^]*nothing/);
    expect(created()).toEqual([]);
  });

  it("is not looked at again where the files are in the folder already, and only the records move", async () => {
    docker.answers.set(/volume inspect --format .* prod-filestore-shared/, { stdout: "/mnt/prod\n" });
    docker.answers.set(/volume inspect prod-releases/, missing);
    await make(moveTo(true, { shared: true }));
    expect(docker.asked.join("\n")).not.toContain(" run ");
    expect(created()).toHaveLength(1);
  });
});
