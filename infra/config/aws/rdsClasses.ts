import type { Problem } from "../../core/errors";
import { nearest } from "../../core/nearest";
import { bytes } from "../../core/units";

/** What an instance class of RDS for PostgreSQL has. */
export interface RdsClass {
  /** As AWS writes it: `db.m7g.large`. */
  readonly name: string;
  /** vCPUs. */
  readonly cores: number;
  /** As AWS lists it; see {@link usableMemory} for what PostgreSQL gets of it. */
  readonly memoryBytes: number;
  /** Makes no difference to databases: snapshots and changes of class go from one to the other. */
  readonly architecture: "arm64" | "x86_64";
  /** Whether it lives on CPU credits. */
  readonly burstable: boolean;
}

/** Sizes with their vCPUs and GiB of memory. */
type Sizes = Readonly<Record<string, readonly [cores: number, memoryGb: number]>>;

/** Earn credits while they idle, and spend them under load; beyond that, RDS bills the rest: they run in mode unlimited. */
const burstable: Sizes = {
  ...{ micro: [2, 1], small: [2, 2], medium: [2, 4], large: [2, 8], xlarge: [4, 16], "2xlarge": [8, 32] },
};

/** Sizes that follow from each other, with so many GiB for each vCPU. */
const sized = (gbPerCore: number, names: readonly string[]): Sizes =>
  Object.fromEntries(
    names.map((name) => {
      const cores = name === "large" ? 2 : 4 * Number(/^\d*/.exec(name)?.[0] || 1);
      return [name, [cores, cores * gbPerCore]];
    }),
  );

const upTo16 = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"] as const;

/**
 * The families that RDS offers for PostgreSQL 17 as single and as Multi-AZ instances, those of the lowest price for their power
 * first. From "Hardware specifications for DB instance classes" and "Supported DB engines for DB instance classes":
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html. Not every region has every one of them.
 */
const families: Readonly<Record<string, readonly [RdsClass["architecture"], Sizes]>> = {
  t4g: ["arm64", burstable],
  m7g: ["arm64", sized(4, upTo16)],
  r7g: ["arm64", sized(8, upTo16)],
  m8g: ["arm64", sized(4, [...upTo16, "24xlarge", "48xlarge"])],
  r8g: ["arm64", sized(8, [...upTo16, "24xlarge", "48xlarge"])],
  m6g: ["arm64", sized(4, upTo16)],
  r6g: ["arm64", sized(8, upTo16)],
  m6i: ["x86_64", sized(4, [...upTo16, "24xlarge", "32xlarge"])],
  r6i: ["x86_64", sized(8, [...upTo16, "24xlarge", "32xlarge"])],
  t3: ["x86_64", burstable],
};

/** All instance classes that a database may have. */
export const rdsClasses: ReadonlyMap<string, RdsClass> = new Map(
  Object.entries(families).flatMap(([family, [architecture, sizes]]) =>
    Object.entries(sizes).map(([size, [cores, memoryGb]]) => {
      const name = `db.${family}.${size}`;
      const memoryBytes = memoryGb * bytes("1 GB");
      return [name, { name, cores, memoryBytes, architecture, burstable: sizes === burstable }] as const;
    }),
  ),
);

/**
 * The memory that PostgreSQL has on a class. RDS keeps some for the system and for itself, and does not say how much
 * (`DBInstanceClassMemory` is what is left). `max_connections` of instances with the default parameters, which is that divided by
 * 9,531,392, shows about a tenth, and more of it on the smallest: a tenth, and 256 MB at least.
 */
export function usableMemory({ memoryBytes }: Pick<RdsClass, "memoryBytes">): number {
  return memoryBytes - Math.max(bytes("256 MB"), Math.ceil(memoryBytes / 10));
}

/**
 * Checks the name of an instance class.
 * @param path Where it was written.
 * @returns what is wrong, with up to three names that may have been meant.
 */
export function checkRdsClass(path: string, name: string): Problem | undefined {
  if (rdsClasses.has(name)) return undefined;
  const near = nearClasses(name);
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((other) => `"${other}"`).join(" or ")}?`
      : `Families: ${Object.keys(families).join(", ")}.`;
  return {
    path,
    expected: "an instance class that RDS offers for PostgreSQL, such as db.t4g.medium",
    found: name,
    hint,
  };
}

/** The classes that a name most likely stands for: the same family, the same size of another one, or a misspelling. */
function nearClasses(name: string): readonly string[] {
  const [family = "", size = ""] = name.replace(/^db\./, "").split(".");
  const inFamily = [...rdsClasses.keys()].filter((known) => known.startsWith(`db.${family}.`));
  if (inFamily.length > 0) {
    const near = nearest(`db.${family}.${size}`, inFamily);
    return near === undefined ? inFamily.slice(0, 3) : [near];
  }
  const alike = Object.keys(families)
    .filter((other) => other[0] === family[0])
    .map((other) => `db.${other}.${size}`)
    .filter((other) => rdsClasses.has(other));
  if (alike.length > 0) return alike.slice(0, 3);
  const near = nearest(name, rdsClasses.keys());
  return near === undefined ? [] : [near];
}
