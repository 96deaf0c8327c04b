import { describe, expect, it } from "vitest";
import { type OtherSource, placeOf, requireOtherPlatform } from "../../../../infra/config/aws/otherPlatform";
import { sharingRules } from "../../../../infra/config/aws/sharingRules";
import type { PlatformAws } from "../../../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../../../infra/config/schema";
import { awsPlatform } from "../../../support/platform";

const [ours, theirs] = ["111111111111", "222222222222"];
const platform = (stack: string, more: Partial<PlatformAws> = {}) => ({
  stack,
  aws: awsPlatform.aws && { ...awsPlatform.aws, account: ours, ...more },
});
const own = { stack: "staging", platform: platform("test-platform") };
const source = { stack: "prod", platform: platform("prod-platform") };
const told: OtherSource = { sharing: [], operator: "sha256:operator" };
const check = (there: Partial<PlatformAws>, more: OtherSource = {}) =>
  requireOtherPlatform(own, { ...source, ...told, platform: platform("prod-platform", there), ...more });

describe("a source on another platform", () => {
  it("can be copied from the same account and region, from another region, or from an account that shares its key", () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ region: "eu-west-1" })).not.toThrow();
    expect(() => check({ account: theirs, profile: "prod" }, { sharing: [ours] })).not.toThrow();
  });

  it("is refused where account and region are other ones", () => {
    expect(() => check({ account: theirs, region: "eu-west-1", profile: "prod" }, { sharing: [ours] })).toThrow(
      /restore\.source[^]*same account, or of the same region[^]*not to both at once/,
    );
  });

  it("is refused where its key is not shared, with what to write where", () => {
    expect(() => check({ account: theirs, profile: "prod" })).toThrow(
      /database\.rds\.sharing of prod[^]*"111111111111", the account of test-platform[^]*found: +nothing[^]*up prod/,
    );
    const sharing = ["333333333333"];
    expect(() => check({ account: theirs, profile: "prod" }, { sharing })).toThrow(/found: +"333333333333"/);
  });

  it("is refused where one profile would have to lead to both accounts", () => {
    const sharing = [ours];
    expect(() => check({ account: theirs }, { sharing })).toThrow(/aws\.profile[^]*none in both[^]*~\/\.aws\/config/);
    const withProfile = { ...own, platform: platform("test-platform", { profile: "acme" }) };
    const there = platform("prod-platform", { account: theirs, profile: "acme" });
    expect(() => requireOtherPlatform(withProfile, { ...source, ...told, sharing, platform: there })).toThrow(
      /"acme" in both/,
    );
  });

  it("is refused where an earlier version brought something up", () => {
    expect(() => check({ account: undefined })).toThrow(
      /which AWS account it is in[^]*prod-platform, as an earlier version left it[^]*up prod-platform/,
    );
    const before = { ...own, platform: platform("test-platform", { account: undefined }) };
    expect(() => requireOtherPlatform(before, { ...source, ...told })).toThrow(/up test-platform/);
    expect(() => requireOtherPlatform(own, source)).toThrow(/with which image its files are read[^]*up prod/);
    expect(placeOf({ aws: undefined })).toBeUndefined();
  });
});

describe("accounts that a database is shared with", () => {
  const rules = (sharing: string[], account?: string) =>
    sharingRules({ platform: "platform", database: { rds: { sharing } } } as unknown as EnvironmentConfig, { account });

  it("ask for a platform that tells its own", () => {
    expect(rules([], undefined)).toEqual([]);
    expect(rules([theirs], ours)).toEqual([]);
    expect(rules([theirs], undefined)).toMatchObject([{ path: "platform", hint: "npx odoo-stacks up platform" }]);
  });

  it("are others, each only once", () => {
    expect(rules([ours, theirs, theirs], ours)).toMatchObject([
      { path: "database.rds.sharing", found: `"${ours}"` },
      { path: "database.rds.sharing", found: `"${theirs}" more than once` },
    ]);
  });
});
