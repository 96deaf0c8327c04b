import type { Platform } from "../../infra/config/platformOutput";

/** A platform as a stack exports it: a machine of 4 cores and 16 GiB, its proxy on this machine alone. */
export const examplePlatform: Platform = {
  version: 1,
  target: "local",
  topology: "single-host",
  machine: { cores: 4, memoryBytes: 16 * 1024 ** 3, reserveBytes: 1024 ** 3 },
  shares: { production: 60, staging: 25, development: 15 },
  docker: { host: "unix:///var/run/docker.sock" },
  network: { edge: { id: "edge-id", name: "acme-platform-edge-1a2b3c4" } },
  proxy: {
    container: "acme-platform-proxy-1a2b3c4",
    address: "http://127.0.0.1:8080",
    bind: "127.0.0.1",
    httpPort: 8080,
    httpsPort: 8443,
    responseTimeoutSeconds: 150,
    maxBodyBytes: 512 * 1024 ** 2,
  },
  placement: {
    production: {
      database: ["node.labels.odoo-stacks.database==true"],
      web: [["node.labels.odoo-stacks.production-web==true"]],
      cron: ["node.labels.odoo-stacks.cron==true"],
    },
    staging: {
      database: ["node.labels.odoo-stacks.nonproduction==true"],
      web: [["node.labels.odoo-stacks.nonproduction==true"]],
      cron: ["node.labels.odoo-stacks.nonproduction==true"],
    },
    development: {
      database: ["node.labels.odoo-stacks.nonproduction==true"],
      web: [["node.labels.odoo-stacks.nonproduction==true"]],
      cron: ["node.labels.odoo-stacks.nonproduction==true"],
    },
  },
};
