import type { Problem } from "../core/errors";
import { type Block, blockText, overlap, parseBlock, usualNetwork } from "./awsAddresses";
import { instanceType } from "./awsInstanceTypes";
import { awsPlaces } from "./awsMachines";
import { zonesOf } from "./awsRegions";
import { serviceProblems } from "./awsServiceRules";
import type { AwsConfig } from "./awsSchema";
import type { PlatformConfig } from "./schema";
import { webMachinesOf } from "./webMachines";

/** What no key of target `aws` can tell by itself. */
export function awsRules(config: PlatformConfig): Problem[] {
  const { aws, target } = config;
  if (target !== "aws") {
    return aws === undefined
      ? []
      : [
          {
            path: "aws",
            expected: "nothing unless target is aws",
            found: `a group of keys with target "${target}"`,
            hint: "Write target: aws, or take aws out.",
          },
        ];
  }
  if (aws === undefined) {
    return [
      { path: "aws", expected: "what the platform is made of", found: "nothing", hint: "aws: { region, publicKey }" },
    ];
  }
  return [
    ...zoneProblems(aws),
    ...networkProblems(aws),
    ...accessProblems(aws),
    ...proxyProblems(config),
    ...machineProblems(config, aws),
    ...serviceProblems(config, aws),
  ];
}

function zoneProblems({ region, zones = [] }: AwsConfig): Problem[] {
  const known = zonesOf(region);
  return zones.flatMap((zone, at) => {
    const path = `aws.zones[${at}]`;
    if (!known.includes(zone)) {
      return [{ path, expected: `a zone of ${region}: ${known.join(", ")}`, found: `"${zone}"` }];
    }
    return zones.indexOf(zone) < at
      ? [{ path, expected: "another one than those before", found: `"${zone}" again` }]
      : [];
  });
}

const blocks = (texts: readonly string[]): readonly Block[] => texts.flatMap((text) => parseBlock(text) ?? []);

/** https://datatracker.ietf.org/doc/html/rfc1918 */
const privateBlocks = blocks(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]);

/**
 * What Docker takes for its own networks: Swarm's from the beginning of 10.0.0.0/8 on, a block of 256 for each, bridges from the
 * others. https://docs.docker.com/engine/swarm/swarm-mode/#configuring-default-address-pools and
 * https://docs.docker.com/engine/network/#automatic-subnet-allocation
 */
const dockerBlocks = blocks([
  "10.0.0.0/12",
  "172.17.0.0/16",
  "172.18.0.0/15",
  "172.20.0.0/14",
  "172.24.0.0/13",
  "192.168.0.0/16",
]);

function networkProblems({ cidr }: AwsConfig): Problem[] {
  const block = parseBlock(cidr);
  if (!block) return [];
  const problem = (expected: string, found: string): Problem[] => [
    { path: "aws.cidr", expected, found, hint: `${usualNetwork} is the default.` },
  ];
  if (block.bits < 16 || block.bits > 22) return problem("a block from /16 to /22", `"${cidr}"`);
  if (!privateBlocks.some((one) => overlap(one, block))) return problem("a private block (RFC 1918)", `"${cidr}"`);
  const taken = dockerBlocks.find((one) => overlap(one, block));
  return taken
    ? problem("a block that Docker does not use on the machines", `"${cidr}", which overlaps ${blockText(taken)}`)
    : [];
}

/** Blocks with more addresses than any office has are as good as everybody. */
const widestAccess = 16;

function accessProblems({ access, sshFrom }: AwsConfig): Problem[] {
  if (access === "ssm") {
    return sshFrom.length === 0
      ? []
      : [
          {
            path: "aws.sshFrom",
            expected: "nothing with access: ssm, which opens no port",
            found: `a list of ${sshFrom.length}`,
            hint: "Write access: ssh, or take sshFrom out.",
          },
        ];
  }
  if (sshFrom.length === 0) {
    const hint = "sshFrom: [203.0.113.7/32]";
    return [{ path: "aws.sshFrom", expected: "the addresses that may reach port 22", found: "nothing", hint }];
  }
  return sshFrom.flatMap((text, at) => {
    const block = parseBlock(text);
    if (!block || block.bits >= widestAccess) return [];
    return [{ path: `aws.sshFrom[${at}]`, expected: `a block from /${widestAccess} to /32`, found: `"${text}"` }];
  });
}

/** What the proxy has to listen on, so that others than the machine itself reach it, at ports that the network lets in. */
const proxyListens = { bind: "0.0.0.0", httpPort: 80, httpsPort: 443 } as const;

function proxyProblems({ proxy }: PlatformConfig): Problem[] {
  return (["bind", "httpPort", "httpsPort"] as const).flatMap((key) =>
    proxy[key] === proxyListens[key]
      ? []
      : [
          {
            path: `proxy.${key}`,
            expected: `${proxyListens[key]} with target aws`,
            found: JSON.stringify(proxy[key]),
            hint: "proxy: { bind: 0.0.0.0, httpPort: 80, httpsPort: 443 }",
          },
        ],
  );
}

function machineProblems(config: PlatformConfig, aws: AwsConfig): Problem[] {
  const shape = {
    ...{ topology: config.topology, webMachines: webMachinesOf(config), databaseMachine: aws.database.machine },
  };
  const used = [...new Set(awsPlaces(shape).map(({ sizedAs }) => sizedAs))];
  const [first = "main", ...others] = used;
  const architecture = instanceType(aws.machines[first].type)?.architecture;
  return others.flatMap((key) => {
    const { type } = aws.machines[key];
    const own = instanceType(type)?.architecture;
    if (own === undefined || own === architecture) return [];
    return [
      {
        path: `aws.machines.${key}.type`,
        expected: `a type for ${architecture ?? ""} as ${aws.machines[first].type} is, since all machines get the same images`,
        found: `"${type}", which is for ${own}`,
      },
    ];
  });
}
