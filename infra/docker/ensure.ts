import { run } from "../core/exec";
import type { Report } from "../core/report";
import { startDaemon, stopStartedDaemon, waitUntilAnswering } from "./daemon";
import { currentHost } from "./engine";
import { ping } from "./ping";
import { clientMissing, plan } from "./plan";
import { installPackages, readSystem, type System } from "./system";

/**
 * Makes sure that a Docker Engine answers: the one that `DOCKER_HOST` names, else this machine's own. Where it does, that
 * costs a few milliseconds. As root on Debian or Ubuntu it is installed and started, saying so: by systemd where that runs
 * the machine, else directly.
 * @param report Receives progress.
 * @throws UserError where it is for the user to install or start it.
 */
export async function ensureDocker(report: Report): Promise<void> {
  const host = currentHost();
  const system = readSystem();
  const answer = await ping(host);
  if (!answer.answers) {
    const { packages, start } = plan({
      ...answer,
      host,
      chosen: process.env.DOCKER_HOST !== undefined,
      root: system.root,
      debianLike: system.debianLike,
      system: system.name,
      systemd: system.systemd,
      installed: system.has("dockerd"),
    });
    if (packages.length > 0) await installPackages(packages, report);
    // Installing may have started it, unless the machine's policy is not to.
    if (!(await ping(host)).answers) {
      report("starting Docker");
      if (start === "directly") await startDaemon(host, report);
      else await run(["systemctl", "start", "docker"], { timeoutSeconds: 180 });
    }
    await waitUntilAnswering(host, report);
  }
  await ensureClient(system, report);
}

/** Stops the Engine if {@link ensureDocker} started it directly and nothing runs in it; any other is left alone. */
export async function stopDocker(report: Report): Promise<void> {
  await stopStartedDaemon(report);
}

/** Since Debian 13 the `docker` command is a package of its own. */
async function ensureClient(system: System, report: Report): Promise<void> {
  if (system.has("docker")) return;
  if (!system.root || !system.debianLike) throw clientMissing();
  await installPackages(["docker-cli"], report);
}
