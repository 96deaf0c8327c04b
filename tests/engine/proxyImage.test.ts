import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silent } from "../../infra/core/report";
import { ensureImage } from "../../infra/images";
import { Containers, inspect, publishedPort } from "../support/containers";
import { docker } from "../support/docker";
import { must } from "../support/shell";
import { until } from "../support/until";

const containers = new Containers("proxy-image");
const stateDir = "/home/kamal-proxy/.config/kamal-proxy";
let images: { proxy: string; odoo: string };

/** Starts a proxy on a state volume and waits until it is healthy. */
async function proxy(volume: string): Promise<string> {
  const container = await containers.start({ image: images.proxy, volumes: [`${volume}:${stateDir}`], publish: [80] });
  await containers.healthy(container, 30);
  return container;
}

/** Starts something that answers 200, under a name on the network. */
const target = (alias: string) =>
  containers.start({
    image: images.odoo,
    alias,
    command: ["python3", "-m", "http.server", "8069", "--directory", "/usr/share"],
  });

const kamal = (container: string, ...args: string[]) => docker("exec", container, "kamal-proxy", ...args);
const deploy = (container: string, alias: string) =>
  kamal(
    container,
    ...["deploy", "shop", "--target", `${alias}:8069`, "--host", "shop.example", "--health-check-path", "/"],
    ...["--error-pages", "/error-pages", "--target-timeout", "2s"],
  );

/** Asks a proxy for a page of a host; not the one of the health check, which is answered whatever happens. */
async function ask(container: string): Promise<{ status: number; text: string }> {
  const port = await publishedPort(container, 80);
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path: "/fonts/", headers: { host: "shop.example" }, agent: false };
    const asked = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on("error", reject).end();
  });
}

beforeAll(async () => {
  const [proxyImage, odoo] = await Promise.all([ensureImage("proxy", silent), ensureImage("odoo", silent)]);
  images = { proxy: proxyImage.id, odoo: odoo.id };
  await containers.createNetwork();
});
afterAll(() => containers.removeAll());

describe("the proxy image", () => {
  it("is healthy, lists its services, and does not run as root", async () => {
    const container = await proxy(await containers.volume());
    expect(await kamal(container, "list")).toContain("Service");
    expect(await inspect(container, "{{.Config.User}}")).toBe("1000:1000");
    const started = Date.parse(await inspect(container, "{{.State.StartedAt}}"));
    const checked = JSON.parse(await inspect(container, "{{json .State.Health.Log}}")) as {
      ExitCode: number;
      End: string;
    }[];
    const first = checked.find(({ ExitCode }) => ExitCode === 0);
    expect(Date.parse(first?.End ?? "") - started).toBeLessThan(10_000);
  });

  it("holds nothing but the proxy, its certificates and its pages", async () => {
    const id = await docker("create", images.proxy);
    const { stdout } = await must(["sh", "-c", `docker export ${id} | tar -tf -; docker rm ${id} >/dev/null`]);
    const files = stdout.split("\n").filter((path) => path && !path.endsWith("/"));
    // Docker puts some of its own into every container.
    const ours = files.filter((path) => !/^(\.dockerenv|dev\/|etc\/(hostname|hosts|mtab|resolv\.conf)$)/.test(path));
    expect(ours.sort()).toEqual([
      "bin/kamal-proxy",
      ...["502", "503", "504", "style"].map((page) => `error-pages/${page}.html`),
      "etc/ssl/certs/ca-certificates.crt",
    ]);
  });

  it("keeps its routes over a restart, also a sudden one", async () => {
    const volume = await containers.volume();
    await target("kept");
    const first = await proxy(volume);
    await deploy(first, "kept");
    expect((await ask(first)).status).toBe(200);
    await docker("kill", first);
    await docker("start", first);
    await containers.healthy(first, 30);
    await until("its routes to be back", 20, async () => (await ask(first)).status === 200);
    await docker("rm", "--force", first);
    const second = await proxy(volume);
    await until("its routes to be back in a new container", 20, async () => (await ask(second)).status === 200);
  });

  it("shows our pages when the application is stopped, slow to answer or gone", async () => {
    const application = await target("shown");
    const container = await proxy(await containers.volume());
    await deploy(container, "shown");

    await kamal(container, "stop", "shop", "--message", "Back at 9 o'clock <script>");
    const stopped = await ask(container);
    expect(stopped.status).toBe(503);
    expect(stopped.text).toContain("Back at 9 o&#39;clock &lt;script&gt;");
    expect(stopped.text).toContain('http-equiv="refresh"');
    await kamal(container, "stop", "shop");
    expect((await ask(container)).text).toContain("The application is being maintained");
    await kamal(container, "resume", "shop");
    expect((await ask(container)).status).toBe(200);

    await docker("pause", application);
    const slow = await ask(container);
    await docker("unpause", application);
    expect(slow.status).toBe(504);
    expect(slow.text).toContain("This took too long");

    await docker("rm", "--force", application);
    const gone = await ask(container);
    expect(gone.status).toBe(502);
    expect(gone.text).toContain("The service is not available");
    expect(gone.text).toContain("<style>");
  });
});
