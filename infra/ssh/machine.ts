/** A machine that is reached over SSH. */
export interface Machine {
  /** What its platform calls it. */
  readonly name: string;
  /** Host name or IP address. */
  readonly address: string;
  /** The user to log in as: root, or one with `sudo` that asks for no password. */
  readonly user: string;
  readonly port: number;
  /** File with the private key. @default what ssh itself finds: the agent, or the user's own keys */
  readonly key?: string;
  /** How it is found where it is an instance of AWS, whose address nothing resolves. @default it is reached at its address */
  readonly aws?: AwsReach;
}

/** How an instance of AWS is found and reached. */
export interface AwsReach {
  /** The platform's stack, which is in the instance's tags, as is the machine's name. */
  readonly stack: string;
  readonly region: string;
  /** Profile of the AWS configuration. @default what AWS's tools find by themselves */
  readonly profile?: string;
  /** Through Session Manager, or over SSH to its public address. */
  readonly access: "ssm" | "ssh";
  /** Its own address and the one of the machine that leads to it, with `ssh` alone. @default it has a public address */
  readonly behind?: { readonly privateAddress: string; readonly through: string };
}

/** How Docker names a machine's Engine: `ssh://root@203.0.113.10:22`. */
export function dockerHostOf({ user, address, port }: Pick<Machine, "user" | "address" | "port">): string {
  return `ssh://${user}@${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** Whether an Engine, as `DOCKER_HOST` names it, is on another machine. */
export const isRemote = (dockerHost: string): boolean => dockerHost.startsWith("ssh://");

/** The machine of an Engine on another machine. */
export function machineOf(dockerHost: string): Machine {
  const { username, hostname, port } = new URL(dockerHost);
  const address = hostname.replace(/^\[|\]$/g, "");
  return { name: address, address, user: username || "root", port: Number(port || 22) };
}
