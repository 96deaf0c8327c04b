import { describe, expect, it } from "vitest";
import { DnsRecords, type DnsTarget } from "../../../../components/aws/dns";
import { record } from "../../../support/mocks";

const domains = ["example.com", "*.example.com"];
const balancer = (dualstack: boolean): DnsTarget => ({
  balancer: { dnsName: "acme.elb.amazonaws.com", zoneId: "Z-balancers", dualstack },
});

async function records(target: DnsTarget, names: readonly string[] = domains): Promise<Record<string, object>> {
  const zone = { id: "Z1", name: "example.com" };
  const recording = await record(
    () => Promise.resolve({ dns: new DnsRecords("acme-platform-dns", { zone, domains: names, target }).urn }),
    { stack: "acme-platform" },
  );
  const found = recording.ofType("aws:route53/record:Record");
  return Object.fromEntries(found.map(({ name, inputs }) => [name, inputs]));
}

describe("records", () => {
  it("lead to a load balancer as aliases", async () => {
    const aliases = [{ name: "acme.elb.amazonaws.com", zoneId: "Z-balancers", evaluateTargetHealth: false }];
    expect(await records(balancer(false))).toEqual({
      "acme-platform-dns-example.com-a": { zoneId: "Z1", name: "example.com", type: "A", aliases },
      "acme-platform-dns-any.example.com-a": { zoneId: "Z1", name: "*.example.com", type: "A", aliases },
    });
  });

  it("lead there over IPv6 as well where it has both", async () => {
    const types = Object.values(await records(balancer(true), ["example.com"])).map(
      (inputs) => (inputs as { type: string }).type,
    );
    expect(types).toEqual(["A", "AAAA"]);
  });

  it("lead to the address of a single machine, and are the same ones to Pulumi when the platform grows", async () => {
    const single = await records({ address: "203.0.113.10" });
    expect(single["acme-platform-dns-example.com-a"]).toEqual({
      ...{ zoneId: "Z1", name: "example.com", type: "A", records: ["203.0.113.10"], ttl: 60 },
    });
    expect(Object.keys(single)).toEqual(Object.keys(await records(balancer(false))));
  });

  it("are declared once for a domain that is named twice", async () => {
    expect(Object.keys(await records(balancer(false), ["example.com", "example.com"]))).toHaveLength(1);
  });
});
