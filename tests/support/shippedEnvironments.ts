import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repositoryDir } from "../../infra/core/paths";
import type { StackValues } from "./project";

/**
 * What a file of an environment that is shipped for AWS says; keys without namespace.
 * @param file Its path in the repository.
 */
export function shippedEnvironment(file: string): StackValues & { readonly database?: StackValues } {
  const { config } = parse(readFileSync(join(repositoryDir, file), "utf8")) as { config: StackValues };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace("odoo-stacks:", ""), value]));
}
