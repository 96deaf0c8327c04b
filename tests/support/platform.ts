import type { Placement, Platform, PlatformMachine } from "../../infra/config/platformOutput";

const gigabyte = 1024 ** 3;

/** A machine of 4 cores and 16 GiB. */
const machine = (name: string, dockerHost: string): PlatformMachine => ({
  ...{ name, dockerHost, cores: 4, memoryBytes: 16 * gigabyte, reserveBytes: gigabyte },
});

const onOne = (name: string): Placement => ({ database: name, web: [name] });

/** A platform as a stack exports it: one machine, its proxy on this machine alone. */
export const examplePlatform: Platform = {
  version: 3,
  stack: "acme-platform",
  target: "local",
  topology: "single-host",
  machines: [machine("local", "unix:///var/run/docker.sock")],
  shares: { production: 60, staging: 25, development: 15 },
  docker: { host: "unix:///var/run/docker.sock" },
  network: { edge: { id: "edge-id", name: "acme-platform-edge-1a2b3c4" }, encrypted: false },
  proxy: {
    containers: [
      { machine: "local", dockerHost: "unix:///var/run/docker.sock", container: "acme-platform-proxy-1a2b3c4" },
    ],
    address: "http://127.0.0.1:8080",
    bind: "127.0.0.1",
    httpPort: 8080,
    httpsPort: 8443,
    responseTimeoutSeconds: 150,
    maxBodyBytes: 512 * 1024 ** 2,
  },
  placement: { production: onOne("local"), staging: onOne("local"), development: onOne("local") },
};

/** The Engine of a machine in the platforms below, as `DOCKER_HOST` names it. */
export const engineAt = (address: string): string => `ssh://root@${address}:22`;

/** The same on machines of the user's own: production on one, its PostgreSQL on another, the other stages on a third. */
export const splitPlatform: Platform = {
  ...examplePlatform,
  target: "servers",
  topology: "split-database",
  machines: [
    machine("web", engineAt("10.0.0.10")),
    machine("db", engineAt("10.0.0.11")),
    machine("test", engineAt("10.0.0.12")),
  ],
  docker: { host: engineAt("10.0.0.10") },
  network: { ...examplePlatform.network, encrypted: true },
  proxy: {
    ...examplePlatform.proxy,
    containers: [{ machine: "web", dockerHost: engineAt("10.0.0.10"), container: "acme-platform-proxy-1a2b3c4" }],
  },
  placement: { production: { database: "db", web: ["web"] }, staging: onOne("test"), development: onOne("test") },
};

/** The same, with one more machine that answers production's requests. */
export const balancedPlatform: Platform = {
  ...splitPlatform,
  topology: "load-balanced-production",
  machines: [...splitPlatform.machines, machine("web-2", engineAt("10.0.0.13"))],
  placement: { ...splitPlatform.placement, production: { database: "db", web: ["web", "web-2"] } },
};

/** The same as the second, on machines that AWS has. */
export const awsPlatform: Platform = {
  ...splitPlatform,
  target: "aws",
  proxy: { ...splitPlatform.proxy, bind: "0.0.0.0" },
  aws: {
    ...{ version: 1, region: "eu-central-1", vpcId: "vpc-1", machines: "sg-machines", tags: { owner: "erp" } },
    subnets: { public: ["subnet-1", "subnet-2"], private: ["subnet-3", "subnet-4"] },
    topics: { critical: "arn:aws:sns:::critical", warning: "arn:aws:sns:::warning" },
  },
};
