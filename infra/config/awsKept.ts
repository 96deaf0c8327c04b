import type { Problem } from "../core/errors";
import type { Architecture } from "./awsInstanceTypes";
import type { AwsMachine } from "./awsMachines";
import type { AwsConfig } from "./awsSchema";
import { zonesIn } from "./awsMachines";

/** What of a platform of target `aws` can't become something else while it has data. */
export interface AwsKept {
  readonly region: string;
  readonly cidr: string;
  readonly zones: readonly string[];
  /** What is kept beside the machines, by name, and whether it may not be deleted. */
  readonly stores: Readonly<Record<string, boolean>>;
  /** The machines, by name. */
  readonly machines: Readonly<Record<string, KeptMachine>>;
}

interface KeptMachine {
  readonly architecture: Architecture;
  /** Size of the volume with its data, in GiB. */
  readonly dataGigabytes: number;
  /** Whether Pulumi refuses to delete that volume. */
  readonly isProtected: boolean;
}

/** Whether Pulumi refuses to delete a machine's data. */
export const isProtected = (
  { name, keepsData }: AwsMachine,
  { unprotected }: Pick<AwsConfig, "unprotected">,
): boolean => keepsData && !unprotected.includes(name);

/** What is kept beside the machines: the files and the load balancer that web machines have in common, the bucket for backups. */
export type Store = "filestore" | "balancer" | "backups";

/** Whether something beside the machines may not be deleted. */
export const isStoreProtected = (store: Store, { unprotected }: Pick<AwsConfig, "unprotected">): boolean =>
  !unprotected.includes(store);

/**
 * What a platform keeps, from its configuration.
 * @param balanced Whether several machines answer production's requests, and have a balancer and files in common.
 */
export function keptOf(aws: AwsConfig, machines: readonly AwsMachine[], balanced: boolean): AwsKept {
  const { region, cidr } = aws;
  const stores: readonly Store[] = [
    ...(balanced ? (["filestore", "balancer"] as const) : []),
    ...(aws.backups ? (["backups"] as const) : []),
  ];
  const entries = machines.map((machine): [string, KeptMachine] => {
    const { name, type, dataGigabytes } = machine;
    return [name, { architecture: type.architecture, dataGigabytes, isProtected: isProtected(machine, aws) }];
  });
  return {
    region,
    cidr,
    zones: zonesIn(aws),
    stores: Object.fromEntries(stores.map((store) => [store, isStoreProtected(store, aws)])),
    machines: Object.fromEntries(entries),
  };
}

/** What a change of the configuration would take away, or make anew without the data that is there. */
export function keptProblems(before: AwsKept, now: AwsKept): Problem[] {
  const back = "Put it back. A platform with another one is another stack, which data is brought to from a backup.";
  const fixed = (["region", "cidr"] as const).flatMap((key) =>
    before[key] === now[key]
      ? []
      : [
          {
            path: `aws.${key}`,
            expected: `"${before[key]}", which the platform was made with`,
            found: `"${now[key]}"`,
            hint: back,
          },
        ],
  );
  const zones = before.zones.every((zone, at) => now.zones[at] === zone)
    ? []
    : [
        {
          path: "aws.zones",
          expected: `${before.zones.join(", ")}, which the platform was made with, and perhaps one more`,
          found: now.zones.join(", "),
          hint: back,
        },
      ];
  // In another region nothing stays; what else is said then would be beside the point.
  if (before.region !== now.region) return fixed;
  const machines = Object.entries(before.machines).flatMap(([name, machine]) =>
    machineProblems(name, machine, now.machines[name], Object.keys(now.machines)),
  );
  return [...fixed, ...zones, ...machines, ...storeProblems(before.stores, now.stores)];
}

/** What is kept beside the machines and would go. */
function storeProblems(before: AwsKept["stores"], now: AwsKept["stores"]): Problem[] {
  return Object.keys(before)
    .filter((store) => before[store] === true && now[store] === undefined)
    .map((store) => ({
      path: store === "backups" ? "aws.backups" : "topology",
      expected: `the platform's ${store}, which may not be deleted`,
      found: "a platform without it",
      hint:
        `Put it back, and move what is in it. Then bring the platform up with aws.unprotected: [${store}], and take it out ` +
        "after that.",
    }));
}

function machineProblems(
  name: string,
  before: KeptMachine,
  now: KeptMachine | undefined,
  names: readonly string[],
): Problem[] {
  if (!now) {
    if (!before.isProtected) return [];
    return [
      {
        path: "topology, and aws.database.machine",
        expected: `the machine ${name} among the platform's, because its volume may have data`,
        found: names.join(", "),
        hint:
          `Put it back, and move what is on it (move-database, move-filestore). Then bring the platform up with ` +
          `aws.unprotected: [${name}], and take it out after that.`,
      },
    ];
  }
  const path = `aws.machines, of ${name}`;
  const hint = "Put it back. Data comes to another volume by a backup.";
  return [
    ...(now.architecture === before.architecture
      ? []
      : [
          {
            path: `${path}: type`,
            expected: `a type for ${before.architecture}, which the images on its volume are for`,
            found: `one for ${now.architecture}`,
          },
        ]),
    ...(now.dataGigabytes >= before.dataGigabytes
      ? []
      : [
          {
            path: `${path}: data`,
            expected: `at least "${before.dataGigabytes} GB", since a volume can't get smaller`,
            found: `"${now.dataGigabytes} GB"`,
            hint,
          },
        ]),
  ];
}
