import { describe, expect, it } from "vitest";
import { sourceVersion } from "../../../infra/config/sourceOutput";
import { readSource } from "../../../infra/programs/sourceReference";
import { record } from "../../support/mocks";
import { awsPlatform } from "../../support/platform";

const own = { stack: "staging", platform: "test-platform" };
const source = (platform: string, more: object = {}) => ({
  ...{ version: sourceVersion, stack: "prod", stage: "production", platform, database: "live", settings: {} },
  ...{ onRds: true, instance: "prod", ...more },
});

/** What is read of the source. @param more Other stacks that there are: any further one that is asked for is an error. */
async function read(exported: object, more: Record<string, Record<string, unknown>> = {}): Promise<unknown> {
  const stacks = { prod: { source: exported }, ...more };
  const program = async () => ({ read: await readSource("prod", own) });
  return (await record(program, { stack: "staging", stacks })).outputs.read;
}

describe("the environment that another one is a copy of", () => {
  it("comes with its platform where that is another one, and without where it is the own", async () => {
    const platforms = { "prod-platform": { platform: { ...awsPlatform, stack: "prod-platform" } } };
    expect(await read(source("prod-platform"), platforms)).toMatchObject({
      ...{ source: { instance: "prod" }, sourcePlatform: { stack: "prod-platform" } },
    });
    expect(await read(source("test-platform"))).not.toHaveProperty("sourcePlatform");
  });

  it("is refused in a container on another platform, which is not even asked for", async () => {
    await expect(read(source("prod-platform", { onRds: undefined, instance: undefined }))).rejects.toThrow(
      /restore\.source[^]*prod is on prod-platform, in a container/,
    );
  });
});
