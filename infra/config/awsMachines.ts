import { addressIn, parseBlock, subnetOf, type SubnetKind } from "./awsAddresses";
import { instanceType, type InstanceType } from "./awsInstanceTypes";
import { usualZones } from "./awsRegions";
import type { AwsConfig } from "./awsSchema";
import type { ServerConfig } from "./machines";
import type { MachineRole } from "./platformSchema";
import type { PlatformConfig } from "./schema";
import { bytes, type Size } from "../core/units";
import { webMachinesOf } from "./webMachines";

/** What of a platform's configuration says which machines it has. */
export interface AwsShape extends Pick<PlatformConfig, "topology"> {
  /** Machines that answer production's requests, with the topology that has several. */
  readonly webMachines: number;
  /** Whether production's PostgreSQL has a machine of its own, with the topologies where it may. */
  readonly databaseMachine: boolean;
}

/** A machine that a platform of target `aws` has, as far as its topology tells. */
export interface AwsPlace {
  readonly name: string;
  /** What it carries; undefined for all there is. */
  readonly roles?: readonly MachineRole[];
  /** The part of the configuration that has its size. */
  readonly sizedAs: keyof AwsConfig["machines"];
  /** The place of its zone among the platform's zones, counted around. */
  readonly zone: number;
  readonly subnet: SubnetKind;
  /** Its address in its subnet, by number. */
  readonly number: number;
}

/**
 * The machines of a topology, the manager first. A machine has the same name, zone and address in every topology that it is in, and
 * `main` is in all of them: a platform grows by machines, and none that is there is made anew. The first three, which manage the
 * Swarm, are in three zones where there are as many; `db` is where `main` is, because they talk most.
 */
export function awsPlaces({ topology, webMachines, databaseMachine }: AwsShape): readonly AwsPlace[] {
  const main = { name: "main", sizedAs: "main", zone: 0, subnet: "public", number: 10 } as const;
  if (topology === "single-host") return [main];
  const apart = { subnet: "private" } as const;
  const furtherWebs = topology === "load-balanced-production" ? webMachines - 1 : 0;
  const webs = Array.from({ length: furtherWebs }, (_, at): AwsPlace => {
    const name = `web-${at + 2}`;
    return { name, roles: ["production"], sizedAs: "web", zone: at + 1, ...apart, number: 20 + at + 2 };
  });
  return [
    { ...main, roles: ["production"] },
    ...webs,
    { name: "nonprod", roles: ["nonproduction"], sizedAs: "nonproduction", zone: 2, ...apart, number: 12 },
    ...(databaseMachine
      ? [{ name: "db", roles: ["database"], sizedAs: "database", zone: 0, ...apart, number: 11 } as const]
      : []),
  ];
}

/**
 * The name that ssh and Docker know a machine of target `aws` by. No resolver knows it: the settings of ssh say how the instance is
 * found that carries the machine now, so that it stays the same when another one does.
 */
export const awsAddress = (stack: string, machine: string): string => `${machine}.${stack}.aws`.toLowerCase();

/** The IP address that the others reach a machine at. */
export function privateAddressOf(
  { zone, subnet, number }: AwsPlace,
  network: Pick<AwsConfig, "cidr" | "region" | "zones">,
): string {
  const block = parseBlock(network.cidr);
  if (!block) throw new Error(`no block of addresses: ${network.cidr}`);
  return addressIn(subnetOf(block, subnet, zone % zonesIn(network).length), number);
}

/** The user that Debian's images let in: https://wiki.debian.org/Cloud/AmazonEC2Image */
export const awsUser = "admin";

/** A machine of a platform of target `aws`. */
export interface AwsMachine extends ServerConfig {
  /** The IP address that the others reach it at; it stays when another instance carries the machine. */
  readonly privateAddress: string;
  /** Its availability zone. */
  readonly zone: string;
  readonly subnet: SubnetKind;
  readonly type: InstanceType;
  /** Size of the volume with its data, in GiB. */
  readonly dataGigabytes: number;
  /** Whether environments may have data on it that nothing else has. */
  readonly keepsData: boolean;
  /** Whether production depends on it. */
  readonly production: boolean;
}

/** The configuration of a platform of target `aws`, as far as its machines follow from it. */
export type AwsPlatformConfig = Pick<PlatformConfig, "target" | "topology" | "webMachines" | "machines"> & {
  readonly aws: AwsConfig;
};

/**
 * All machines of a platform of target `aws`, the manager first.
 * @param stack The platform's stack.
 * @param config Its configuration, checked.
 */
export function awsMachinesOf(stack: string, config: AwsPlatformConfig): readonly AwsMachine[] {
  const { aws, topology } = config;
  const zones = zonesIn(aws);
  const shape = { topology, webMachines: webMachinesOf(config), databaseMachine: aws.database.machine };
  return awsPlaces(shape).map((place): AwsMachine => {
    const { name, roles, sizedAs, subnet } = place;
    const { type, data } = aws.machines[sizedAs];
    const known = instanceType(type);
    if (!known) throw new Error("a configuration that was not checked");
    return {
      ...{ name, roles: roles && [...roles], address: awsAddress(stack, name), user: awsUser, port: 22 },
      ...{ privateAddress: privateAddressOf(place, aws), swap: aws.swap },
      ...{ zone: zones[place.zone % zones.length] ?? "", subnet, type: known, dataGigabytes: gigabytes(data) },
      // Further web machines have containers, whose data is elsewhere.
      keepsData: sizedAs !== "web",
      production: sizedAs !== "nonproduction",
    };
  });
}

/** The zones of a platform. */
export const zonesIn = ({ region, zones }: Pick<AwsConfig, "region" | "zones">): readonly string[] =>
  zones ?? usualZones(region);

/** A size in whole GiB, as EBS has them. */
export const gigabytes = (given: Size): number => Math.ceil(bytes(given) / bytes("1 GB"));
