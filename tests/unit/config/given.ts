import { loadConfig } from "../../../infra/config/load";
import type { Platform, PlatformMachine } from "../../../infra/config/platformOutput";
import type { PlacedOn } from "../../../infra/config/rules";
import type { EnvironmentConfig, PlatformConfig } from "../../../infra/config/schema";
import { UserError, type Problem } from "../../../infra/core/errors";
import { bytes, type Size } from "../../../infra/core/units";

/** Configuration as somebody writes it in YAML. */
export type Written = Readonly<Record<string, unknown>>;

/** The least that an environment needs. */
export const leastEnvironment: Written = {
  kind: "environment",
  platform: "local-platform",
  stage: "production",
  domains: ["odoo.localhost"],
};

/** The least that a platform needs. */
export const leastPlatform: Written = { kind: "platform" };

/** Configuration as Pulumi hands it to the program: every value as text, lists and groups as JSON. */
export function raw(written: Written): Record<string, string> {
  return Object.fromEntries(
    Object.entries(written).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** An environment's configuration, from the least one and what is written here. */
export function environment(written: Written = {}): EnvironmentConfig {
  const config = loadConfig(raw({ ...leastEnvironment, ...written }), []);
  if (config.kind !== "environment") throw new Error("not an environment");
  return config;
}

/** A platform's configuration, from the least one and what is written here. */
export function platform(written: Written = {}): PlatformConfig {
  const config = loadConfig(raw({ ...leastPlatform, ...written }), []);
  if (config.kind !== "platform") throw new Error("not a platform");
  return config;
}

/** The problems that something ends with; none where it succeeds. */
export function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.problems;
    throw error;
  }
  return [];
}

/** The problems of an environment's configuration. */
export function environmentProblems(written: Written, on?: PlacedOn): readonly Problem[] {
  return problemsOf(() => loadConfig(raw({ ...leastEnvironment, ...written }), [], on));
}

/** A machine with these cores and this memory, as a platform lists it. */
export function machineNamed(name: string, cores: number, memory: Size): PlatformMachine {
  const memoryBytes = bytes(memory);
  const reserveBytes = Math.max(bytes("384 MB"), Math.floor(memoryBytes / 10));
  return { name, dockerHost: "unix:///var/run/docker.sock", cores, memoryBytes, reserveBytes };
}

/** A platform of one machine with these cores and this memory, shared out as by default. */
export function machineOf(cores: number, memory: Size): Pick<Platform, "machines" | "shares" | "proxy"> {
  return {
    machines: [machineNamed("local", cores, memory)],
    shares: { production: 60, staging: 25, development: 15 },
    proxy: {
      containers: [{ machine: "local", dockerHost: "unix:///var/run/docker.sock", container: "local-platform-proxy" }],
      address: "http://127.0.0.1:8080",
      bind: "127.0.0.1",
      httpPort: 8080,
      httpsPort: 8443,
      responseTimeoutSeconds: 150,
      maxBodyBytes: bytes("512 MB"),
    },
  };
}
