import { loadConfig } from "../../infra/config/load";
import type { Platform } from "../../infra/config/platformOutput";
import type { EnvironmentConfig } from "../../infra/config/schema";
import type { Source } from "../../infra/config/sourceOutput";
import { deployEnvironment } from "../../infra/programs/environment";
import { readPlatform } from "../../infra/programs/platformReference";
import { record, type Recorded, type Recording, type World } from "./mocks";

/** Declares the environment `acme`, production unless its configuration has another stage, on a platform. */
export function declare(
  on: Platform,
  config: Record<string, string> = {},
  source?: Source,
  more: Pick<Parameters<typeof deployEnvironment>[3] & object, "onRds" | "sourcePlatform"> &
    Pick<World, "functions"> = {},
): Promise<Recording> {
  const base = {
    ...{ kind: "environment", platform: "acme-platform", stage: "production", domains: '["odoo.localhost"]' },
    ...config,
  };
  return record(
    async () => {
      const platform = await readPlatform("acme-platform");
      return deployEnvironment("acme", loadConfig(base, [], platform) as EnvironmentConfig, platform, {
        ...{ source, sourcePlatform: more.sourcePlatform, onRds: more.onRds },
      });
    },
    { ...{ stack: "acme", functions: more.functions }, stacks: { "acme-platform": { platform: on } } },
  );
}

/** What a step is given. */
export const inputOf = (environment: Recording, step: string): unknown =>
  JSON.parse(environment.named(`acme-${step}`).inputs.stdin as string);

/** Which machines a service may be on. */
export const constraintsOf = (environment: Recording, service: string): readonly string[] =>
  (environment.named(`acme-${service}-service`).inputs.taskSpec as { placement: { constraints: string[] } }).placement
    .constraints;

/** The Engine that makes a resource. */
export const madeAt = (environment: Recording, { provider = "" }: Recorded): unknown =>
  environment.named(provider).inputs.host;

/** Volumes as resources, each with its name in Docker and the Engine that it is on. */
export const volumesOf = (environment: Recording): Record<string, unknown> =>
  Object.fromEntries(
    environment
      .ofType("docker:index/volume:Volume")
      .map((volume) => [volume.name, [volume.inputs.name, madeAt(environment, volume)]]),
  );
