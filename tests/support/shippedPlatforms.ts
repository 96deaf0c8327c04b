import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repositoryDir } from "../../infra/core/paths";

/** Where the shipped platforms of target `aws` are, by topology. */
const files = {
  A: "stacks/Pulumi.platform.yaml",
  B: "docs/aws/platform-b.yaml",
  C: "docs/aws/platform-c.yaml",
} as const;

/** The topologies, smallest first. */
export type Shipped = keyof typeof files;

/** The configuration of a shipped platform as Pulumi hands it over. */
export function shippedPlatform(topology: Shipped): Record<string, string> {
  const { config } = parse(readFileSync(join(repositoryDir, files[topology]), "utf8")) as {
    config: Record<string, unknown>;
  };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]): [string, string] => [
      ...([key.replace("odoo-stacks:", ""), typeof value === "string" ? value : JSON.stringify(value)] as const),
    ]),
  );
}
