import { describe, expect, it } from "vitest";
import { deploy, list, type ProxyService, remove } from "../../../infra/commands/proxy";

const web: ProxyService = {
  name: "acme",
  targets: ["web-1:8069", "web-2:8069"],
  hosts: ["odoo.example.com", "www.example.com"],
  responseTimeoutSeconds: 150,
  maxBodyBytes: 1024,
  deployTimeoutSeconds: 120,
  drainTimeoutSeconds: 60,
  errorPages: "/pages",
  tls: false,
};

/** The values of an option, in order. */
const values = (argv: readonly string[], option: string) => argv.filter((_, index) => argv[index - 1] === option);

describe("argument lists of kamal-proxy", () => {
  it("make every container a target of its own, and every domain a host", () => {
    const argv = deploy(web);
    expect(argv.slice(0, 3)).toEqual(["kamal-proxy", "deploy", "acme"]);
    expect(values(argv, "--target")).toEqual(web.targets);
    expect(values(argv, "--host")).toEqual(web.hosts);
  });

  it("wait for Odoo's own health check, and for answers as long as the platform says", () => {
    const argv = deploy(web);
    expect(values(argv, "--health-check-path")).toEqual(["/web/health"]);
    expect(values(deploy({ ...web, healthPath: "/livez" }), "--health-check-path")).toEqual(["/livez"]);
    expect(values(argv, "--target-timeout")).toEqual(["150s"]);
    expect(values(argv, "--deploy-timeout")).toEqual(["120s"]);
    expect(values(argv, "--drain-timeout")).toEqual(["60s"]);
  });

  it("never pass on what a client claims about itself", () => {
    expect(deploy(web)).toContain("--forward-headers=false");
    // A load balancer is no client.
    expect(deploy({ ...web, forwardHeaders: true })).toContain("--forward-headers=true");
  });

  it("take requests in whole up to their largest size", () => {
    expect(deploy(web)).toContain("--buffer-requests");
    expect(values(deploy(web), "--max-request-body")).toEqual(["1024"]);
  });

  it("buffer nothing where websockets go, and pass their path on whole", () => {
    const argv = deploy({ ...web, maxBodyBytes: undefined, pathPrefix: "/websocket" });
    expect(argv).not.toContain("--buffer-requests");
    expect(values(argv, "--path-prefix")).toEqual(["/websocket"]);
    expect(argv).toContain("--strip-path-prefix=false");
  });

  it("get certificates only where asked", () => {
    expect(deploy(web).filter((arg) => arg.startsWith("--tls"))).toEqual([]);
    expect(deploy({ ...web, tls: true })).toContain("--tls");
    expect(deploy({ ...web, tls: true })).not.toContain("--tls-staging");
    expect(deploy({ ...web, tls: true, tlsStaging: true })).toContain("--tls-staging");
  });

  it("forget and list services by name", () => {
    expect(remove("acme")).toEqual(["kamal-proxy", "remove", "acme"]);
    expect(list()).toEqual(["kamal-proxy", "list"]);
  });
});
