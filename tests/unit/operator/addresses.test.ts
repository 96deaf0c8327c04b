import { describe, expect, it } from "vitest";
import { isAddress, isAllowed, isLoopback } from "../../../infra/operator/maintenance/addresses";

describe("an address that may be let through", () => {
  it.each(["203.0.113.7", "203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::1", "::/0"])("%s", (text) =>
    expect(isAddress(text)).toBe(true),
  );
  it.each([
    "",
    "203.0.113",
    "203.0.113.256",
    "203.0.113.0/33",
    "203.0.113.0/",
    "2001:db8::/129",
    "example.com",
    "1/2/3",
    "203.0.113.0/24/8",
    "fe80::1%eth0",
    "203.0.113.0/-1",
    " 203.0.113.7",
  ])("%j is none", (text) => expect(isAddress(text)).toBe(false));
});

describe("who is let through", () => {
  const allowed = ["203.0.113.7", "198.51.100.0/24", "2001:db8:1::/48"];
  it.each(["203.0.113.7", "198.51.100.255", "2001:db8:1:ff::1", "::ffff:203.0.113.7"])("%s", (client) =>
    expect(isAllowed(allowed, client)).toBe(true),
  );
  it.each(["203.0.113.8", "198.51.101.0", "2001:db8:2::1", "", "unknown", "203.0.113.7, 10.0.0.1"])(
    "not %j",
    (client) => expect(isAllowed(allowed, client)).toBe(false),
  );
  it("nobody where nobody is allowed", () => expect(isAllowed([], "203.0.113.7")).toBe(false));
});

describe("the machine's own addresses", () => {
  it.each(["127.0.0.1", "127.8.9.10", "::1", "127.0.0.0/8"])("%s", (text) => expect(isLoopback(text)).toBe(true));
  it.each(["0.0.0.0", "", "10.0.0.1", "::"])("not %j", (text) => expect(isLoopback(text)).toBe(false));
});
