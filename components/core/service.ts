import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { labelList, logOptions, type Role } from "../../infra/core/labels";
import { type HealthCheck, restingCheck, timeoutSeconds } from "./health";

/** A file that a service finds in its containers, from a Swarm secret or config. */
export interface MountedFile {
  /** The secret's or config's resource. */
  readonly source: docker.Secret | docker.ServiceConfig;
  /** Absolute path in the container. */
  readonly path: string;
  /** Numeric user and group that own it; only they may read it. */
  readonly uid: number;
  readonly gid: number;
}

/** A folder of the machine that a service's containers see, and can't change. */
export interface MountedFolder {
  /** Absolute path on the machine. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly path: string;
}

/** What differs from one service of ours to the next. */
export interface ServiceSpec {
  readonly stack: string;
  readonly role: Role;
  /** Image ID. By tag, every task start would ask a registry first. */
  readonly image: pulumi.Input<string>;
  /** Replaces the image's own arguments. */
  readonly args?: readonly string[];
  /** Nothing secret: anyone who may inspect containers reads it. */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly secrets?: readonly MountedFile[];
  readonly configs?: readonly MountedFile[];
  /** Volume name → path in the container. */
  readonly volumes?: readonly { name: pulumi.Input<string>; path: string }[];
  readonly folders?: readonly MountedFolder[];
  /** Folders that are kept in memory, with their size in bytes. They count towards the container's memory. */
  readonly inMemory?: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** Size of `/dev/shm`, in bytes. @default Docker's 64 MB */
  readonly sharedMemoryBytes?: number;
  readonly networks: readonly { id: pulumi.Input<string>; aliases?: readonly string[] }[];
  /** Swarm placement expressions, all of which must hold. */
  readonly constraints: readonly string[];
  readonly health: HealthCheck;
  /** Settings of the kernel for its containers' own network. @default the machine's */
  readonly sysctl?: Readonly<Record<string, string>>;
  /**
   * How long it may take to end before it is killed, in seconds. Removing the service waits for that; without it, it does
   * not wait, and Docker gives the container 10 seconds.
   */
  readonly stopGraceSeconds?: number;
  /** Hard limit, in bytes. */
  readonly memoryBytes: number;
  /** Hard limit, in cores; fractions too. @default none */
  readonly cpus?: number;
  /** Log files are rotated at this size, in bytes, and this many are kept. */
  readonly logs: { readonly maxBytes: number; readonly maxFiles: number };
}

/** Seconds as the Engine gives a duration back, without parts that are zero: 90 is `1m30s`, 3600 is `1h`. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  return parts.map(([value, unit]) => (value > 0 ? `${value}${unit}` : "")).join("") || "0s";
}

/**
 * What Swarm takes to tell a container to stop and to clear it away, in seconds, generously: the provider waits for a
 * removed service no longer than its grace period, and fails if the container uses all of that for itself.
 */
const swarmStopSeconds = 30;

/**
 * The arguments of a Swarm service. All that Docker fills in by itself is given (restart delays, an empty `sysctl`,
 * networks by ID): left out, every preview would show a change, and with it a replacement.
 */
export function serviceArgs(spec: ServiceSpec): docker.ServiceArgs {
  return {
    labels: labelList(spec.stack, spec.role),
    mode: { replicated: { replicas: 1 } },
    // Minimal kernels have no IPVS, which virtual IPs need; and the proxy wants each container's own address.
    endpointSpec: { mode: "dnsrr" },
    taskSpec: {
      containerSpec: {
        image: spec.image,
        args: spec.args ? [...spec.args] : undefined,
        env: spec.env ? { ...spec.env } : undefined,
        labels: labelList(spec.stack, spec.role),
        sysctl: { ...spec.sysctl },
        init: true,
        mounts: mountsOf(spec),
        secrets: spec.secrets?.map((file) => ({
          secretId: file.source.id,
          secretName: file.source.name,
          fileName: file.path,
          fileUid: String(file.uid),
          fileGid: String(file.gid),
          fileMode: 0o400,
        })),
        configs: spec.configs?.map((file) => ({
          configId: file.source.id,
          configName: file.source.name,
          fileName: file.path,
          fileUid: String(file.uid),
          fileGid: String(file.gid),
          fileMode: 0o444,
        })),
        healthcheck: {
          tests: ["CMD-SHELL", restingCheck(spec.health.command)],
          interval: duration(spec.health.intervalSeconds),
          timeout: duration(timeoutSeconds),
          retries: spec.health.retries,
          startPeriod: duration(spec.health.startPeriodSeconds),
        },
        stopGracePeriod:
          spec.stopGraceSeconds === undefined ? undefined : duration(spec.stopGraceSeconds + swarmStopSeconds),
      },
      networksAdvanceds: spec.networks.map(({ id, aliases }) => ({ id, aliases: aliases ? [...aliases] : undefined })),
      placement: { constraints: [...spec.constraints] },
      resources: { limits: { memoryBytes: spec.memoryBytes, ...(spec.cpus ? { nanoCpus: spec.cpus * 1e9 } : {}) } },
      restartPolicy: { condition: "any", delay: "1s", window: "0s", maxAttempts: 0 },
      logDriver: { name: "json-file", options: logOptions(spec.logs) },
    },
  };
}

function mountsOf({ volumes = [], folders = [], inMemory = [], sharedMemoryBytes }: ServiceSpec) {
  const memory = sharedMemoryBytes ? [{ path: "/dev/shm", sizeBytes: sharedMemoryBytes }] : [];
  return [
    ...volumes.map(({ name, path }) => ({ type: "volume", source: name, target: path })),
    ...folders.map(({ source, path }) => ({ type: "bind", source, target: path, readOnly: true })),
    ...[...inMemory, ...memory].map(({ path, sizeBytes }) => ({
      type: "tmpfs",
      target: path,
      tmpfsOptions: { sizeBytes },
    })),
  ];
}
