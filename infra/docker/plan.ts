import { type Problem, UserError } from "../core/errors";

/** What is known when an Engine does not answer. */
export interface Situation {
  /** The Engine, as `DOCKER_HOST` names it. */
  readonly host: string;
  /** Whether `DOCKER_HOST` names it: then it is somebody's choice and nothing is installed in its place. */
  readonly chosen: boolean;
  /** What came instead of an answer. */
  readonly failure: string;
  /** Whether the Engine is there but this user may not talk to it. */
  readonly forbidden: boolean;
  readonly root: boolean;
  readonly debianLike: boolean;
  /** The machine's name for its system, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string;
  readonly systemd: boolean;
  /** Whether `dockerd` is there. */
  readonly installed: boolean;
}

/** What to do so that it answers. */
export interface Plan {
  /** Debian packages to install, in this order. */
  readonly packages: readonly string[];
  /** How the daemon is started. */
  readonly start: "systemd" | "directly";
}

/**
 * Decides how to get a Docker Engine that answers.
 * @throws UserError where that is for the user to do, saying what.
 */
export function plan(situation: Situation): Plan {
  if (situation.forbidden) {
    throw refuse(
      situation,
      "add yourself to the group docker (`sudo usermod -aG docker $USER`, then log in again), or use root",
    );
  }
  if (situation.chosen) throw refuse(situation, "start it, or unset DOCKER_HOST to use this machine's own");
  if (!situation.root) {
    const how = situation.installed ? "start it (`sudo systemctl start docker`)" : "install and start it";
    throw refuse(situation, `${how}, or run the command as root, which does it on Debian and Ubuntu`);
  }
  if (!situation.installed && !situation.debianLike) {
    throw refuse(
      situation,
      `install Docker Engine by the instructions for ${situation.system} (docs.docker.com/engine/install)`,
    );
  }
  const packages = situation.installed ? [] : ["docker.io", "iptables"];
  return { packages, start: situation.systemd ? "systemd" : "directly" };
}

/** The `docker` command is missing, and this is not the place to install it. */
export function clientMissing(): UserError {
  return new UserError("The docker command is missing.", [
    {
      path: "PATH",
      expected: "docker, with which the Engine is asked",
      found: "no such program",
      hint: "install it (Debian and Ubuntu: apt-get install docker-cli, before Debian 13 docker.io), or run the command as root",
    },
  ]);
}

function refuse({ host, failure }: Situation, hint: string): UserError {
  const problem: Problem = { path: host, expected: "a Docker Engine that answers", found: failure, hint };
  return new UserError("Docker can't be used.", [problem]);
}
