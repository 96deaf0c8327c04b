import type { Provider } from "@pulumi/aws/provider";
import { getInstance, getSnapshot } from "@pulumi/aws/rds";
import type * as pulumi from "@pulumi/pulumi";
import { RdsCopy } from "../../components/staging/rdsCopy";
import type { CopiedOnRds } from "../../components/staging/securedRdsCopy";
import { placeOf } from "../config/aws/otherPlatform";
import { checkSnapshotFits } from "../config/aws/rdsChecks";
import { rdsCopyName } from "../config/aws/rdsCopyName";
import { type OnRds, rdsWishes } from "../config/aws/rdsWishes";
import { UserError } from "../core/errors";
import type { Settings } from "../commands/settings";
import type { Size } from "../core/units";
import { sourceProvider } from "./environmentAws";
import type { EnvironmentDatabaseArgs } from "./environmentDatabase";
import type { KnownResource } from "./ownState";

/** What a copy of another environment's database is declared with, beside what every database is. */
export interface CopyOnRdsArgs {
  /** Reaches AWS. */
  readonly provider: Provider;
  /** ID of the postgres image, on the machine that reaches the instance. */
  readonly image: pulumi.Output<string>;
  /** What the engine's state has of this stack. */
  readonly known: readonly KnownResource[];
}

/**
 * Declares an environment's database as an instance made from a snapshot of another environment's, on the same platform or on another
 * one, whose account and region the snapshot is copied from.
 */
export async function copyOnRds(
  { stack, platform, where, sizing, source, sourcePlatform }: EnvironmentDatabaseArgs,
  config: OnRds,
  { provider, image, known }: CopyOnRdsArgs,
): Promise<{ copy: RdsCopy; copied: CopiedOnRds }> {
  const { restore, database } = config;
  const { aws } = platform;
  if (!aws || !restore || source?.instance === undefined) throw new Error("a configuration that was not checked");
  const { instanceClass, storage, maxStorage } = rdsWishes(config, stack);
  const named = rdsCopyName(restore, database.name);
  const name = `${stack}-rds`;
  const here = placeOf(platform) ?? { account: "", region: aws.region };
  const there = sourcePlatform && (await sourceProvider(stack, config, sourcePlatform));
  const isAutomated = restore.snapshot === "automated";
  const before = foundBefore(known, name, named.name);
  const reaching = there ?? provider;
  const found = isAutomated ? (before ?? (await latestOf(stack, source.instance, reaching))) : undefined;
  if (storage && !before) requireFits(stack, storage, found?.storageGb ?? (await storageOf(source.instance, reaching)));
  const copy = new RdsCopy(
    name,
    {
      ...{ stack, refresh: named.name, moment: isAutomated ? "automated" : "now" },
      ...{ source: { ...((sourcePlatform && placeOf(sourcePlatform)) ?? here), identifier: source.instance }, here },
      ...{ sourceProvider: there, found },
      ...{ instanceClass, storage, maxStorage, demand: sizing.demand, settings: withoutStatements(database.settings) },
      ...{ vpcId: aws.vpcId, subnetIds: [...aws.subnets.private], clients: { machines: aws.machines } },
      ...{ dockerHost: where.web[0].dockerHost, image, database: { from: source.database, to: named.database } },
    },
    { providers: [provider] },
  );
  const { instance } = copy.instance;
  return {
    copy,
    copied: { name: named.name, instance: instance.resourceId, dataFrom: copy.snapshot.madeAt, client: image },
  };
}

/**
 * Settings without those that write statements into the log: securing's hold what data is replaced with, and nobody but a superuser could
 * keep them out for a session.
 */
const withoutStatements = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !logged.test(name)));

/** "When to Log", "What to Log": https://www.postgresql.org/docs/17/runtime-config-logging.html */
const logged = /^log_(statement|min_duration_|transaction_sample_rate|min_error_statement|parameter_max_length)/;

/**
 * The snapshot that was taken for this copy before; undefined where it is to be chosen. One that had to be copied on its way here is the
 * original of the first copy, which is named by its ARN; any other one is what the instance was made from.
 */
function foundBefore(known: readonly KnownResource[], name: string, copy: string) {
  const outputsOf = (part: string) => known.find((resource) => resource.name === `${name}-${part}`)?.outputs;
  const copied = outputsOf(`snapshot-shared-${copy}`) ?? outputsOf(`snapshot-copy-${copy}`);
  const arn = copied?.sourceDbSnapshotIdentifier;
  const made = copied ?? outputsOf(`instance-${copy}-instance`);
  const id = typeof arn === "string" ? arn.replace(/^arn:.*?:snapshot:/, "") : made?.snapshotIdentifier;
  const storageGb = made?.allocatedStorage;
  if (typeof id !== "string" || typeof storageGb !== "number") return undefined;
  return { id, storageGb, ...(typeof arn === "string" ? { arn } : {}) };
}

/**
 * Finds the latest snapshot that AWS has made by itself, before anything is declared.
 * @throws UserError when there is none.
 */
async function latestOf(stack: string, instance: string, provider: Provider) {
  const wanted = { dbInstanceIdentifier: instance, snapshotType: "automated", mostRecent: true };
  const asked = getSnapshot(wanted, { provider }).catch((error: unknown) => {
    throw new UserError(`${stack} can't be made from an automated snapshot.`, [
      {
        path: "restore.snapshot",
        expected: `an automated snapshot of the instance ${instance}, which AWS keeps for database.rds.retention`,
        found: error instanceof Error ? error.message : String(error),
        hint: "latest takes one now.",
      },
    ]);
  });
  const { id, dbSnapshotArn: arn, allocatedStorage: storageGb } = await asked;
  return { id, arn, storageGb };
}

/** Storage of an instance, in GiB: that of a snapshot which is to be made of it. */
const storageOf = async (instance: string, provider: Provider): Promise<number> =>
  (await getInstance({ dbInstanceIdentifier: instance }, { provider })).allocatedStorage;

/** Fails before minutes are spent on a snapshot that does not fit. */
function requireFits(stack: string, storage: Size, snapshotGb: number): void {
  const problem = checkSnapshotFits(storage, snapshotGb);
  if (problem)
    throw new UserError(`${stack} can't be made from a snapshot.`, [{ ...problem, path: "database.rds.storage" }]);
}
