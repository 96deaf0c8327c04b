import { describe, expect, it } from "vitest";
import { hostedZone } from "../../../../components/aws/hostedZone";
import { domainProblems } from "../../../../infra/config/awsDomains";

const found = { zoneId: "Z1", name: "example.com." };
const lookup = () => Promise.resolve(found);
const said = (text: string) => () =>
  Promise.reject(new Error(`invocation of aws:route53/getZone:getZone returned an error: ${text}`));

describe("domains", () => {
  const problems = (zone: string, ...domains: string[]) =>
    domainProblems(
      zone,
      domains.map((domain, at) => [`domains[${at}]`, domain]),
    );

  it.each([
    "example.com",
    "shop.example.com",
    "a.b.example.com",
    "*.example.com",
    "*.shop.example.com",
    "Example.com.",
  ])("%s is in the zone example.com", (domain) => {
    expect(problems("example.com", domain)).toEqual([]);
  });

  it.each(["example.org", "notexample.com", "com", "*.com", "example.com.evil.org"])(
    "%s is not in the zone example.com",
    (domain) => {
      expect(problems("example.com", domain)).toHaveLength(1);
    },
  );

  it("outside the zone are all told at once, with what would be right", () => {
    expect(problems("example.com.", "shop.example.org", "example.com", "*.example.net")).toEqual([
      {
        path: "domains[0]",
        expected: "example.com or a name below it, since that is the hosted zone",
        found: "shop.example.org",
        hint: expect.stringContaining("name the zone") as unknown,
      },
      expect.objectContaining({ path: "domains[2]", found: "*.example.net" }),
    ]);
  });
});

describe("a hosted zone", () => {
  it("is found by its name, among the public ones", async () => {
    const asked: object[] = [];
    const zone = await hostedZone({ name: "Example.com." }, [["domains[0]", "shop.example.com"]], {}, (args) => {
      asked.push(args);
      return lookup();
    });
    expect(zone).toEqual({ id: "Z1", name: "example.com" });
    expect(asked).toEqual([{ name: "example.com", privateZone: false }]);
  });

  it("is found by its ID", async () => {
    const asked: object[] = [];
    await hostedZone({ id: "Z1" }, [], {}, (args) => (asked.push(args), lookup()));
    expect(asked).toEqual([{ zoneId: "Z1" }]);
  });

  it("that a domain is outside of stops everything before anything is changed", async () => {
    await expect(hostedZone({ id: "Z1" }, [["domains[0]", "example.org"]], {}, lookup)).rejects.toThrow(
      /outside the hosted zone[\s\S]*domains\[0\][\s\S]*example\.com or a name below it[\s\S]*example\.org/,
    );
  });

  it("that is not there is told with the way to one", async () => {
    await expect(
      hostedZone({ name: "example.com" }, [], {}, said("no matching Route 53 Hosted Zone found")),
    ).rejects.toThrow(/dns\.zone[\s\S]*none for example\.com[\s\S]*create-hosted-zone/);
    await expect(
      hostedZone({ id: "Z9" }, [], {}, said("NoSuchHostedZone: No hosted zone found with ID: Z9")),
    ).rejects.toThrow(/none for Z9/);
  });

  it("whose name several have is told with the way to its ID", async () => {
    await expect(
      hostedZone({ name: "example.com" }, [], {}, said("multiple Route 53 Hosted Zones matched")),
    ).rejects.toThrow(/several of the name example\.com[\s\S]*by its ID/);
  });

  it("that can't be asked for is told in AWS's words", async () => {
    await expect(
      hostedZone({ name: "example.com" }, [], {}, said("AccessDenied: route53:ListHostedZones")),
    ).rejects.toThrow(/AccessDenied: route53:ListHostedZones/);
  });
});
