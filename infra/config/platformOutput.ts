import { inEngine } from "../commands/docker";
import { UserError } from "../core/errors";
import type { Stage, Target, Topology } from "./schema";

/** What a machine has to share out. */
export interface MachineFacts {
  /** Processor cores. */
  readonly cores: number;
  /** Memory in bytes. */
  readonly memoryBytes: number;
}

/** Where a stage's parts belong, as names of machines. */
export interface Placement {
  /** Where its PostgreSQL runs. */
  readonly database: string;
  /** One web container is made for each element, on that machine. Scheduled jobs and the operator are on one of them. */
  readonly web: readonly string[];
}

/** A machine of a platform. */
export interface PlatformMachine extends MachineFacts {
  readonly name: string;
  /** How its Docker Engine is reached, as in `DOCKER_HOST`. */
  readonly dockerHost: string;
  /** Memory in bytes that is left to the operating system, Docker and the proxy. */
  readonly reserveBytes: number;
}

/** A proxy that requests come in through. */
export interface ProxyContainer {
  /** The machine that it is on. */
  readonly machine: string;
  /** That machine's Docker Engine, as in `DOCKER_HOST`. */
  readonly dockerHost: string;
  /** Name of its container there. */
  readonly container: string;
}

/** What a load balancer that the platform has made is set to. */
export interface BalancerLimits {
  /** The names that its certificate is for; `*.example.com` is any name at that place. */
  readonly domains: readonly string[];
  /** The longest that a release may hold requests, in seconds. */
  readonly maxHoldSeconds: number;
}

/** The version of {@link Platform} that this code writes and reads. */
export const platformVersion = 3;

/** The version of {@link PlatformAws} that this code writes and reads. */
export const awsVersion = 1;

/** Where a platform of target `aws` is, for what environments make beside its machines. */
export interface PlatformAws {
  readonly version: typeof awsVersion;
  readonly region: string;
  /** The account that it is in, 12 digits; undefined where an earlier version brought it up. */
  readonly account?: string;
  /** Profile of the AWS CLI's files whose credentials are used; undefined for the usual ones. */
  readonly profile?: string;
  readonly vpcId: string;
  /** IDs, in the order of the zones. */
  readonly subnets: { readonly public: readonly string[]; readonly private: readonly string[] };
  /** ID of the security group that all machines are in. */
  readonly machines: string;
  /** Who it is for and who pays, as tags have it. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whom alarms tell; `none` where nobody is to be told, undefined where an earlier version brought it up. */
  readonly topics?: AlarmTopics | "none";
}

/** ARNs of the topics that alarms of each severity are sent to. */
export interface AlarmTopics {
  readonly critical: string;
  readonly warning: string;
}

/** What a platform stack exports as its output `platform`, and environments read through a stack reference. */
export interface Platform {
  /** Version of this interface; a platform of another version is refused. */
  readonly version: typeof platformVersion;
  /** The stack that declares it, by which what it has in Docker is labelled. */
  readonly stack: string;
  /** Where the machines come from. */
  readonly target: Target;
  /** How the machines share the work. */
  readonly topology: Topology;
  /** The machines, the manager first; each with what it has, after the platform's overrides. */
  readonly machines: readonly PlatformMachine[];
  /** Percent of the machine for each stage. */
  readonly shares: Readonly<Record<Stage, number>>;
  /** How the Docker Engine of the platform's manager is reached. */
  readonly docker: {
    /** An address as in `DOCKER_HOST`, such as `unix:///var/run/docker.sock`. */
    readonly host: string;
  };
  /** The overlay networks that environments join. */
  readonly network: {
    /** The one that the proxy reaches web services on. */
    readonly edge: { readonly id: string; readonly name: string };
    /** Whether what machines tell each other is encrypted, on this network and on those of environments. */
    readonly encrypted: boolean;
  };
  /** The proxy in front of every environment; several alike behind a load balancer. */
  readonly proxy: {
    /** The manager's first. */
    readonly containers: readonly [ProxyContainer, ...ProxyContainer[]];
    /** How people open the load balancer in front of the proxies; undefined without one. */
    readonly balancer?: "https" | "http";
    /** What that one is set to, where the platform has made it. */
    readonly limits?: BalancerLimits;
    /** Base address that a person opens, such as `http://127.0.0.1:8080`. */
    readonly address: string;
    /** IP address that the ports are published on. */
    readonly bind: string;
    /** Published port for HTTP. */
    readonly httpPort: number;
    /** Published port for HTTPS. */
    readonly httpsPort: number;
    /** Seconds that the proxy waits for an answer. */
    readonly responseTimeoutSeconds: number;
    /** Bytes of the largest request. */
    readonly maxBodyBytes: number;
  };
  /** Where each stage's parts belong. */
  readonly placement: Readonly<Record<Stage, Placement>>;
  /** Where it is in AWS; undefined on other targets, and where an earlier version brought it up. */
  readonly aws?: PlatformAws;
}

/** The parts that a value must have to be read as a {@link Platform}; zod would cost more than the check is worth. */
const parts = ["machines", "shares", "docker", "network", "proxy", "placement"] as const;

/**
 * Reads what another stack exported as its platform.
 *
 * @param value The output `platform` of that stack, `undefined` when it has none.
 * @param stack Name of that stack, for the message.
 * @throws UserError when the stack is no platform, is not deployed yet, or was deployed by another version.
 */
export function parsePlatform(value: unknown, stack: string): Platform {
  const fail = (found: string, hint: string) =>
    new UserError(`The stack "${stack}" can't be used as a platform.`, [
      { path: "platform", expected: `a deployed platform stack of version ${platformVersion}`, found, hint },
    ]);
  const deploy = `Run \`pulumi up -s ${stack}\` first, or name another stack under \`platform\`.`;
  if (typeof value !== "object" || value === null) throw fail("no output named platform", deploy);
  const platform = value as Record<string, unknown>;
  if (platform.version !== platformVersion)
    throw fail(platform.version === undefined ? "no version" : `version ${JSON.stringify(platform.version)}`, deploy);
  const missing = parts.filter((part) => typeof platform[part] !== "object" || platform[part] === null);
  if (missing.length > 0) throw fail(`nothing under ${missing.join(", ")}`, deploy);
  return value as Platform;
}

/** The proxies of a platform, the manager's first, each as commands name containers: see `inEngine`. */
export const proxiesOf = ({ proxy }: Pick<Platform, "proxy">): readonly string[] =>
  proxy.containers.map(({ dockerHost, container }) => inEngine(dockerHost, container));

/** A machine of a platform by its name; the first where there is none of that name. */
export function machineNamed({ machines }: Pick<Platform, "machines">, name: string): PlatformMachine {
  const found = machines.find((machine) => machine.name === name) ?? machines[0];
  if (!found) throw new Error("a platform without machines");
  return found;
}

/**
 * A machine that an environment is on, or belongs on. Another one in its place would have none of the data.
 * @throws UserError when the platform has none of that name.
 */
export function knownMachine(name: string, stack: string, { machines }: Pick<Platform, "machines">): PlatformMachine {
  const found = machines.find((machine) => machine.name === name);
  if (found) return found;
  throw new UserError(`A part of ${stack} is on a machine that its platform does not have.`, [
    {
      path: "machines, in the platform's stack",
      expected: `the machine ${name}`,
      found: machines.map((machine) => machine.name).join(", "),
      hint: "Put it back, and bring the platform up.",
    },
  ]);
}
