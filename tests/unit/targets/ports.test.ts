import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenError } from "../../../infra/targets/listen";
import { requireFreePort } from "../../../infra/targets/ports";
import type { Target } from "../../../infra/targets/target";

/** A machine whose containers publish what `holder` says. */
const targetWith = (holder?: string) =>
  ({ listenError, portHolder: () => Promise.resolve(holder) }) as unknown as Target;

const check = (port: number, holder?: string, address = "127.0.0.1") =>
  requireFreePort(targetWith(holder), "acme-platform", address, [{ path: "proxy.httpPort", port }]);

describe("a port that is to be published", () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((done) => server.listen({ host: "127.0.0.1", port: 0 }, done));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => new Promise((done) => server.close(done)));

  it("may be free", async () => {
    await new Promise((done) => server.close(done));
    await expect(check(port)).resolves.toBeUndefined();
    server = createServer().listen({ host: "127.0.0.1", port: 0 });
  });

  it("must not be another program's: the error names the key, the port and how to find out", async () => {
    await expect(check(port)).rejects.toThrow(
      new RegExp(`proxy\\.httpPort[\\s\\S]*127\\.0\\.0\\.1:${port}: something else listens on it[\\s\\S]*ss -ltnp`),
    );
  });

  it("must not be another stack's, which is named", async () => {
    await expect(check(port, "other-platform")).rejects.toThrow(
      /the proxy of the stack "other-platform" listens on it/,
    );
  });

  it("may be the stack's own", async () => {
    await expect(check(port, "acme-platform")).resolves.toBeUndefined();
  });

  it("must be on an address that the machine has", async () => {
    await expect(check(port, undefined, "192.0.2.77")).rejects.toThrow(/this machine has no such address/);
  });

  it("is reported together with others that are taken", async () => {
    const wanted = [
      { path: "proxy.httpPort", port },
      { path: "proxy.httpsPort", port },
    ];
    await expect(requireFreePort(targetWith(), "acme", "127.0.0.1", wanted)).rejects.toThrow(
      /httpPort[\s\S]*httpsPort/,
    );
  });
});
