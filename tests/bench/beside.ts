import { docker } from "../support/docker";
import type { ReleaseLab } from "../support/releaseLab";
import { must, sh } from "../support/shell";
import type { Place } from "./places";

/** Copying a database over a slow disk, in seconds. */
const scriptSeconds = 3600;

/** Settings of a server that is restored to as fast as it can: what would be lost with it is restored again. */
const settings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  autovacuum: "off",
  max_wal_size: "4GB",
  shared_buffers: "256MB",
  maintenance_work_mem: "256MB",
  listen_addresses: "",
  unix_socket_directories: "/tmp",
};

/**
 * Begins each script: how production's server and the own one are reached, and where copies go. The own server is one on the
 * copied database, with the same memory as the one that this project opens a copy with.
 */
const prelude = `
set -euo pipefail
production="--host /proc/$(pgrep --oldest --exact postgres)/root/run/postgresql --username postgres"
own="--host /tmp --username postgres"
start() {
  pg_ctl --pgdata /copy/pgdata --wait --timeout 3600 --silent --log /tmp/log \\
    --options "${Object.entries(settings)
      .map(([key, value]) => `-c ${key}='${value}'`)
      .join(" ")}" start || { tail /tmp/log >&2; exit 1; }
}
`;

/**
 * A container beside production's, for copying it by other means than this project's: with the server's socket and the files
 * at hand, and two empty volumes in the same place.
 */
export class Beside {
  private constructor(
    private readonly place: Place,
    private readonly name: string,
  ) {}

  private get volumes(): readonly string[] {
    return [`${this.name}-database`, `${this.name}-files`];
  }

  /**
   * Starts it.
   * @param filestore Name of the volume with production's files.
   */
  static async start(production: ReleaseLab, filestore: string, place: Place): Promise<Beside> {
    // Removed with all that is the project's, whatever happens to this process.
    const name = `${production.project.name}-bench-beside`;
    const beside = new Beside(place, name);
    try {
      for (const volume of beside.volumes) await place.volume(volume);
      const postgres = await production.container("postgres");
      const mounts = [`${filestore}:/production:ro`, `${name}-database:/copy`, `${name}-files:/files`];
      await docker(
        ...["run", "--detach", "--init", "--name", name, "--label", "odoo-stacks.bench"],
        // The way to the server's socket, which is in no volume.
        ...["--no-healthcheck", "--pid", `container:${postgres}`, "--network", "none", "--shm-size", "512m"],
        ...mounts.flatMap((mount) => ["--volume", mount]),
        ...["--entrypoint", "sleep", await docker("inspect", "--format", "{{.Image}}", postgres), "infinity"],
      );
      await beside.run("chown postgres:postgres /copy", "root");
      return beside;
    } catch (error) {
      await beside.remove();
      throw error;
    }
  }

  /** Runs a script of bash, after {@link prelude}; returns what it prints. */
  async run(script: string, user: "postgres" | "root" = "postgres"): Promise<string> {
    const argv = ["docker", "exec", "--user", user, this.name, "bash", "-c", `${prelude}${script}`];
    return (await must(argv, { timeoutSeconds: scriptSeconds })).stdout.trim();
  }

  /** Copies production's files; after the database, so that there is every file that it names. */
  async copyFiles(): Promise<void> {
    await this.run("cp -a /production/filestore /files/", "root");
  }

  /** How many contacts there are in the copy that its server runs on, and files. */
  async count(): Promise<{ contacts: number; files: number }> {
    const contacts = await this.run(`psql $own -d odoo -XAtc "SELECT count(*) FROM res_partner"`);
    const files = await this.run("find /files -type f | wc -l", "root");
    return { contacts: Number(contacts), files: Number(files) };
  }

  /** Removes it with what was copied, whatever state it is in. */
  async remove(): Promise<void> {
    // Its processes are among those of production's container, and do not end with it everywhere.
    await sh([
      "docker",
      "exec",
      "--user",
      "postgres",
      this.name,
      "pg_ctl",
      "-D",
      "/copy/pgdata",
      "-m",
      "immediate",
      "stop",
    ]);
    await sh(["docker", "rm", "--force", this.name]);
    for (const volume of this.volumes) await this.place.removeVolume(volume);
  }
}
