import type { Problem } from "../../core/errors";
import { awsVersion, type Platform } from "../platformOutput";
import type { EnvironmentConfig } from "../schema";
import { checkRds } from "./rdsChecks";
import { rdsCopyRules, withoutRdsSnapshot } from "./rdsCopyRules";
import { settingProblems } from "./rdsParameters";
import { isOnRds, preparesRds, rdsWishes } from "./rdsWishes";
import { sharingRules } from "./sharingRules";

/** What AWS and this project call what a key of `database.rds` says. */
const keys: Readonly<Record<string, string>> = {
  instanceClass: "class",
  backupRetentionDays: "retention",
  "replica.instanceClass": "replica.class",
};

/**
 * What no key of a database on RDS can tell by itself.
 * @param stack Name of the environment's stack, where it is known.
 */
export function rdsRules(config: EnvironmentConfig, stack = "odoo"): Problem[] {
  const { database } = config;
  const prepares = preparesRds(config);
  if (!isOnRds(config) && !prepares) {
    if (database.kind === "container") return [...withoutRds(config), ...withoutRdsSnapshot(config)];
    const hint = "database: { kind: rds, rds: { class: db.t4g.medium } }";
    return [{ path: "database.rds", expected: "what the instance is made of", found: "nothing", hint }];
  }
  const hasSnapshot = config.restore !== undefined;
  const wrong = checkRds({ ...rdsWishes(config, stack), hasSnapshot }).map(({ path, ...problem }): Problem => ({
    path: `database.rds.${keys[path] ?? path}`,
    ...problem,
  }));
  const settings = settingProblems(database.settings).map(({ path, ...problem }): Problem => ({
    path: `database.${path}`,
    ...problem,
  }));
  if (prepares)
    return [...wrong, ...settings, ...withoutRds(config), ...withoutRdsSnapshot(config), ...ofCopies(config)];
  return [...wrong, ...settings, ...withoutContainer(config), ...rdsCopyRules(config)];
}

/** A copy of another environment is made on RDS anew, and never moved there. */
const ofCopies = ({ restore }: EnvironmentConfig): Problem[] =>
  restore === undefined
    ? []
    : [
        {
          path: "database.rds",
          expected: "nothing where kind is container and the data is a copy of another environment",
          found: "a group of keys",
          hint: "Take rds out; or make the copy on RDS: docs/aws-rds.md",
        },
      ];

/** What there is on RDS alone. */
function withoutRds({ release: { snapshot } }: EnvironmentConfig): Problem[] {
  if (snapshot !== "pitr" && snapshot !== "rds") return [];
  const expected = "auto, reflink or replica where database.kind is container";
  return [{ path: "release.snapshot", expected, found: `"${snapshot}"` }];
}

/** What is done with PostgreSQL's container and its volume, and can't be where there is none. */
function withoutContainer({ database, release, restart }: EnvironmentConfig): Problem[] {
  const given = [
    ["database.memory", database.memory, "The instance class has the memory."],
    ["database.volume", database.volume, "The data is on the instance."],
    ["restart.database", restart.database, "aws rds reboot-db-instance does it."],
    [
      "release.snapshot",
      ["reflink", "replica"].includes(release.snapshot) ? release.snapshot : undefined,
      "Write pitr or rds: docs/aws-rds.md",
    ],
    [
      "release.rehearse",
      release.rehearse === "always" ? release.rehearse : undefined,
      "On RDS no change of modules is tried on a copy: docs/aws-rds.md",
    ],
  ] as const;
  return given.flatMap(([path, value, hint]) =>
    value === undefined ? [] : [{ path, expected: "nothing where database.kind is rds", found: `"${value}"`, hint }],
  );
}

/** What a database on RDS asks of its platform. */
export function rdsPlacementRules(
  config: EnvironmentConfig,
  { target, aws }: Partial<Pick<Platform, "target" | "aws">>,
): Problem[] {
  if ((config.database.kind !== "rds" && !preparesRds(config)) || target === undefined) return [];
  if (target !== "aws") {
    const isThere = config.database.kind === "rds";
    return [
      {
        path: isThere ? "database.kind" : "database.rds",
        expected: `${isThere ? "container" : "nothing"} on a platform of target ${target}: RDS lets in machines of its own network`,
        found: isThere ? '"rds"' : "a group of keys",
        hint: "Take database.kind and database.rds out, or name a platform of target aws.",
      },
    ];
  }
  const up = `npx odoo-stacks up ${config.platform}`;
  if (aws?.version !== awsVersion) {
    const found = aws ? `version ${String(aws.version)}` : "none: it was brought up by an earlier version";
    return [{ path: "platform", expected: "a platform that tells of its network in AWS", found, hint: up }];
  }
  const sharing = sharingRules(config, aws);
  if (aws.subnets.private.length >= 2) return sharing;
  return [
    ...sharing,
    {
      path: "platform",
      expected: "a platform with private subnets in two zones at least, which RDS wants also for one instance",
      found: String(aws.subnets.private.length),
      hint: "aws.zones in the platform's stack",
    },
  ];
}
