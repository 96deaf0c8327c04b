import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mailRoute, mailUrl, routeServices, url } from "../../../components/odoo/routes";
import { loadConfig } from "../../../infra/config/load";
import type { EnvironmentConfig } from "../../../infra/config/schema";
import type { Platform } from "../../../infra/config/platformOutput";
import { repositoryDir } from "../../../infra/core/paths";
import { examplePlatform } from "../../support/platform";

const configOf = (domains: readonly string[], more: Record<string, string> = {}): EnvironmentConfig => {
  const raw = { kind: "environment", platform: "p", stage: "production", domains: JSON.stringify(domains), ...more };
  return loadConfig(raw, []) as EnvironmentConfig;
};
const on = (httpPort: number, httpsPort: number): Platform => ({
  ...examplePlatform,
  proxy: { ...examplePlatform.proxy, httpPort, httpsPort },
});

describe("the address that people open", () => {
  it.each([
    [["odoo.localhost"], on(8080, 8443), "http://odoo.localhost:8080"],
    [["odoo.localhost"], on(80, 443), "http://odoo.localhost"],
    [["odoo.acme.com"], on(80, 443), "https://odoo.acme.com"],
    [["odoo.acme.com", "www.acme.com"], on(8080, 8443), "https://odoo.acme.com:8443"],
  ])("of %j", (domains, platform, expected) => {
    expect(url(configOf(domains), platform)).toBe(expected);
  });

  it("stays HTTP for a public domain whose certificate something else has", () => {
    expect(url(configOf(["odoo.acme.com"], { tls: '{"enabled":false}' }), on(80, 443))).toBe("http://odoo.acme.com");
  });
});

describe("behind a load balancer", () => {
  const balanced = (balancer: "https" | "http"): Platform => ({
    ...examplePlatform,
    proxy: { ...examplePlatform.proxy, httpPort: 8080, balancer },
  });

  it.each(["https", "http"] as const)("the address is its own: %s, without a port", (balancer) => {
    expect(url(configOf(["odoo.acme.com"]), balanced(balancer))).toBe(`${balancer}://odoo.acme.com`);
    expect(url(configOf(["odoo.localhost"]), balanced(balancer))).toBe(`${balancer}://odoo.localhost`);
    const config = configOf(["odoo.acme.com"], { mail: '{"catcher":true,"domain":"mail.acme.com"}' });
    expect(mailUrl(config, balanced(balancer))).toBe(`${balancer}://mail.acme.com`);
  });

  it("no certificates are asked for, and its word on clients is passed on", () => {
    const config = configOf(["odoo.acme.com"], { mail: '{"catcher":true,"domain":"mail.acme.com"}' });
    const at = { host: "mail.acme.com", target: "mail:8025" };
    const routes = (platform: Platform) => [
      ...routeServices("acme", config, platform, ["web-a"]),
      mailRoute("acme", config, platform, at),
    ];
    expect(routes(balanced("https")).map(({ tls, forwardHeaders }) => [tls, forwardHeaders])).toEqual([
      [false, true],
      [false, true],
      [false, true],
    ]);
    expect(routes(examplePlatform).map(({ forwardHeaders }) => forwardHeaders)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the routes of an environment", () => {
  const [web, websocket, ...more] = routeServices("acme", configOf(["odoo.localhost"]), examplePlatform, [
    "web-a",
    "web-b",
  ]);

  it("are two: one for requests and one for websockets", () => {
    expect(more).toEqual([]);
    expect(web).toMatchObject({ name: "acme", targets: ["web-a:8069", "web-b:8069"], hosts: ["odoo.localhost"] });
    expect(websocket).toMatchObject({
      name: "acme-websocket",
      targets: ["web-a:8072", "web-b:8072"],
      hosts: ["odoo.localhost"],
      pathPrefix: "/websocket",
    });
  });

  it("give a request longer than Odoo itself does, and let those under way end", () => {
    expect(web?.responseTimeoutSeconds).toBe(150);
    expect(web?.drainTimeoutSeconds).toBe(120);
    expect(websocket?.drainTimeoutSeconds).toBeLessThan(5);
  });

  it("limit the size of requests, and nothing of a websocket", () => {
    expect(web?.maxBodyBytes).toBe(512 * 1024 ** 2);
    expect(websocket?.maxBodyBytes).toBeUndefined();
  });

  it("show our pages for errors", () => {
    const dockerfile = readFileSync(join(repositoryDir, "infra/images/proxy/Dockerfile"), "utf8");
    expect(web?.errorPages).toMatch(/^\/\w/);
    expect(dockerfile).toMatch(new RegExp(`^COPY .*pages.* ${web?.errorPages ?? ""}/?$`, "m"));
  });

  it("ask for certificates on the service of the whole host alone", () => {
    const [main, beside] = routeServices("acme", configOf(["odoo.acme.com"]), examplePlatform, ["web-a"]);
    expect(main?.tls).toBe(true);
    expect(beside?.tls).toBe(false);
  });
});
