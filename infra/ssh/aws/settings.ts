import { join } from "node:path";
import { repositoryDir } from "../../core/paths";
import type { Machine } from "../machine";
import { reachArguments } from "./reach";

/** Finding the instance and opening a session takes AWS's tools some seconds. In seconds. */
const connectSeconds = 30;

/**
 * What ssh has to know of a machine that is an instance of AWS, as ssh_config(5) has it; nothing of others.
 *
 * Through Session Manager it is AWS that says which instance it is, by the credentials of whoever asks and by the agent's own: a
 * pinned host key would add nothing to that, and would stop everything whenever another instance carries the machine. Over SSH keys
 * are pinned as those of any machine.
 */
export function awsSettings({ name, address, user, port, aws }: Machine): readonly string[] {
  if (!aws) return [];
  const { access, behind } = aws;
  const host = [`Host ${address}`, `  ConnectTimeout ${connectSeconds}`];
  if (behind) {
    const jump = `${user}@${behind.through}:${port}`;
    return [...host, `  HostName ${behind.privateAddress}`, `  HostKeyAlias ${address}`, `  ProxyJump ${jump}`];
  }
  const program = [process.execPath, join(repositoryDir, "infra/ssh/aws/reach.cjs"), ...reachArguments(aws, name)];
  return [
    ...host,
    `  ProxyCommand ${program.map(quoted).join(" ")} %p`,
    ...(access === "ssm" ? ["  StrictHostKeyChecking no", "  UserKnownHostsFile /dev/null", "  LogLevel ERROR"] : []),
  ];
}

/** A word for the shell that ssh hands its command to; ssh itself expands what begins with a percent sign. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`).replaceAll("%", "%%")}'`;
