import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { cacheDir, repositoryDir } from "../core/paths";
import { awsSettings } from "./aws/settings";
import type { Machine } from "./machine";

/** Names the file with the settings that a platform's machines are reached with. */
export const configVariable = "ODOO_STACKS_SSH_CONFIG";

/** The folder with the program that stands before the system's ssh. */
const wrapperDir = join(repositoryDir, "infra/ssh/bin");

/** The file with the pinned host keys, in version control, so that everybody meets the same machines. */
export const knownHosts = (project: string): string => join(project, "stacks", "known_hosts");

/**
 * The variables with which `ssh`, and with it `docker`, reaches the machines of a project's platforms; none without machines.
 * @param project The folder with `Pulumi.yaml`.
 * @param machines All machines of all platforms.
 * @param path The `PATH` to go before.
 */
export function sshEnvironment(project: string, machines: readonly Machine[], path: string): Record<string, string> {
  if (machines.length === 0) return {};
  const folder = join(cacheDir(), "ssh");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${createHash("sha256").update(resolve(project)).digest("hex").slice(0, 12)}.conf`);
  const making = `${file}.${process.pid}`;
  writeFileSync(making, renderConfig(project, machines, socketsDir()), { mode: 0o600 });
  renameSync(making, file);
  const others = path.split(delimiter).filter((directory) => directory !== wrapperDir);
  return { PATH: [wrapperDir, ...others].join(delimiter), [configVariable]: file };
}

/** Where connections that are shared have their sockets. Short: a socket's path has at most 107 characters. */
function socketsDir(): string {
  const folder = join(tmpdir(), `odoo-stacks-ssh-${userInfo().uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // Fails for a folder of somebody else's.
  return folder;
}

/**
 * Settings as ssh_config(5) has them. The first value of a setting counts, so that what this project needs goes before what the
 * user has.
 * @param sockets Folder for shared connections.
 */
export function renderConfig(project: string, machines: readonly Machine[], sockets: string): string {
  const own = machines.flatMap(({ address, key }) =>
    key ? [`Host ${address}`, `  IdentityFile "${keyFile(project, key)}"`, "  IdentitiesOnly yes"] : [],
  );
  const instances = machines.flatMap((machine) => awsSettings(machine));
  const addresses = [...new Set(machines.map(({ address }) => address))];
  return [
    ...own,
    ...instances,
    `Host ${addresses.join(" ")}`,
    `  UserKnownHostsFile "${knownHosts(project)}"`,
    "  GlobalKnownHostsFile /dev/null",
    // The first contact pins the key; another one later is an error.
    "  StrictHostKeyChecking accept-new",
    "  HashKnownHosts no",
    "  BatchMode yes",
    "  ConnectTimeout 10",
    "  ConnectionAttempts 3",
    "  ServerAliveInterval 10",
    "  ServerAliveCountMax 3",
    // Used where it is there; made by `connect` alone, since a program that waits for ssh's outputs would wait for its end.
    "  ControlMaster no",
    `  ControlPath "${sockets}/%C"`,
    "",
    "Include ~/.ssh/config",
    "Include /etc/ssh/ssh_config",
    "",
  ].join("\n");
}

/** A key's file: absolute, in the home folder, or in the project. */
const keyFile = (project: string, key: string): string =>
  key.startsWith("~/") ? join(homedir(), key.slice(2)) : resolve(project, key);
