import type { MachineFacts } from "./platformOutput";

/** The instruction set of a machine, as Docker names it. */
export type Architecture = "amd64" | "arm64";

/** A kind of machine that EC2 offers. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: Architecture;
  /** Virtual processor cores. */
  readonly cores: number;
  /** Memory in GiB, before firmware and kernel have taken theirs. */
  readonly gigabytes: number;
  /** Whether it earns and spends CPU credits. */
  readonly burstable: boolean;
}

interface Family {
  readonly architecture: Architecture;
  /** Cores and GiB of each size. */
  readonly sizes: Readonly<Record<string, readonly [cores: number, gigabytes: number]>>;
  readonly burstable?: true;
}

/** Cores of the sizes that the families with a fixed ratio have. */
const cores = {
  ...{ medium: 1, large: 2, xlarge: 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32 },
  ...{ "12xlarge": 48, "16xlarge": 64, "24xlarge": 96, "48xlarge": 192 },
} as const;
type Size = keyof typeof cores;

const graviton: readonly Size[] = [
  ...(["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"] as const),
];
const intel: readonly Size[] = [
  ...(["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"] as const),
];

const withRatio = (sizes: readonly Size[], gigabytesPerCore: number): Family["sizes"] =>
  Object.fromEntries(sizes.map((size) => [size, [cores[size], cores[size] * gigabytesPerCore]]));

const burstable: Family["sizes"] = {
  ...{ nano: [2, 0.5], micro: [2, 1], small: [2, 2], medium: [2, 4], large: [2, 8] },
  ...{ xlarge: [4, 16], "2xlarge": [8, 32] },
};

/**
 * The families that platforms may be made of: burstable (t), general (m), with more memory (r) or less (c) for each core; all on
 * Nitro, whose volumes are NVMe disks. Metal sizes are left out.
 *
 * Source: EC2's DescribeInstanceTypes, as recorded in moto 5.2.1 (2026); the same figures as on
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html.
 */
const families: Readonly<Record<string, Family>> = {
  t3: { architecture: "amd64", sizes: burstable, burstable: true },
  t4g: { architecture: "arm64", sizes: burstable, burstable: true },
  m7i: { architecture: "amd64", sizes: withRatio(intel, 4) },
  m7g: { architecture: "arm64", sizes: withRatio(graviton, 4) },
  r7i: { architecture: "amd64", sizes: withRatio(intel, 8) },
  r7g: { architecture: "arm64", sizes: withRatio(graviton, 8) },
  c7g: { architecture: "arm64", sizes: withRatio(graviton, 2) },
};

const types: ReadonlyMap<string, InstanceType> = new Map(
  Object.entries(families).flatMap(([family, { architecture, sizes, burstable: credits = false }]) =>
    Object.entries(sizes).map(([size, [count, gigabytes]]): [string, InstanceType] => {
      const name = `${family}.${size}`;
      return [name, { name, architecture, cores: count, gigabytes, burstable: credits }];
    }),
  ),
);

/** Names of all types that are known. */
export const instanceTypeNames: readonly string[] = [...types.keys()];

/** The type of a name; `undefined` for one that is not known. */
export const instanceType = (name: string): InstanceType | undefined => types.get(name);

/** What firmware and kernel leave of a machine's memory: 95 % and a little more, so that nothing is planned that is not there. */
const usableMemory = 0.95;

/** What a machine of a type has to share out. */
export const factsOf = ({ cores: count, gigabytes }: InstanceType): MachineFacts => ({
  cores: count,
  memoryBytes: Math.floor(gigabytes * 1024 ** 3 * usableMemory),
});
