import { parseBlock, usualNetwork } from "../config/awsAddresses";
import { awsAddress, awsPlaces, type AwsShape, awsUser, privateAddressOf } from "../config/awsMachines";
import type { MachineRole } from "../config/platformSchema";
import { managerFirst } from "../core/manager";
import type { AwsReach, Machine } from "../ssh/machine";

/** A machine as a platform's file lists it, or has it follow. */
export type ListedMachine = Machine & { readonly roles?: readonly MachineRole[] };

/** What a stack's file says, whose keys begin with the project's name. */
type Written = Readonly<Record<string, unknown>>;

/**
 * The machines of a platform, by its file, the manager first. What is wrong with it, the stack's program tells.
 * @param stack The platform's stack.
 */
export function machinesIn(stack: string, written: Written): readonly ListedMachine[] {
  switch (written["odoo-stacks:target"]) {
    case "servers":
      return managerFirst(listed(written["odoo-stacks:machines"]));
    case "aws":
      return ofAws(stack, written);
    default:
      return [];
  }
}

function listed(value: unknown): readonly ListedMachine[] {
  if (!Array.isArray(value)) return [];
  return (value as Partial<ListedMachine>[]).flatMap((machine) =>
    typeof machine.address === "string"
      ? [
          {
            ...machine,
            name: machine.name ?? "",
            address: machine.address,
            user: machine.user ?? "root",
            port: machine.port ?? 22,
          },
        ]
      : [],
  );
}

/** The part of a file that its machines on AWS follow from; where it says nothing, the defaults of the schema. */
interface WrittenAws {
  readonly region?: string;
  readonly profile?: string;
  readonly access?: AwsReach["access"];
  readonly cidr?: string;
  readonly zones?: string[];
  readonly key?: string;
  readonly database?: { readonly machine?: boolean };
}

function ofAws(stack: string, written: Written): readonly ListedMachine[] {
  const aws = (written["odoo-stacks:aws"] ?? {}) as WrittenAws;
  const { region, profile, access = "ssm", cidr = usualNetwork, zones, key } = aws;
  if (region === undefined || !parseBlock(cidr)) return [];
  const webMachines = Number(written["odoo-stacks:webMachines"] ?? 2);
  const topology = (written["odoo-stacks:topology"] ?? "single-host") as AwsShape["topology"];
  const shape = { topology, webMachines, databaseMachine: aws.database?.machine ?? true };
  const places = awsPlaces(shape);
  // What no address of the internet leads to, the first machine does.
  const through = awsAddress(stack, places[0]?.name ?? "");
  return places.map((place): ListedMachine => {
    const { name, roles, subnet } = place;
    const privateAddress = privateAddressOf(place, { region, cidr, zones });
    const behind = access === "ssh" && subnet === "private" ? { privateAddress, through } : undefined;
    const reach: AwsReach = { stack, region, profile, access, behind };
    return { name, roles, address: awsAddress(stack, name), user: awsUser, port: 22, key, aws: reach };
  });
}
