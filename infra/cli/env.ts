import { UserError } from "../core/errors";
import type { CommonOptions } from "./display";
import { explained, openStack, prepareWorkspace } from "./workspace";

const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/** Prints the variables that plain `pulumi` commands need, for a shell to take over. */
export async function printEnvironment(options: CommonOptions): Promise<void> {
  const { env } = await prepareWorkspace((line) => console.error(line));
  if (options.json) console.log(JSON.stringify(env));
  else for (const [name, value] of Object.entries(env)) console.log(`export ${name}=${quote(value)}`);
}

/** Prints the administrator's login and first password, as the stack's state keeps them. */
export async function printPassword(name: string, options: CommonOptions): Promise<void> {
  const workspace = await prepareWorkspace((line) => console.error(line));
  const stack = await openStack(workspace, name);
  const outputs = await explained(name, () => stack.outputs());
  const { adminLogin, adminPassword } = outputs;
  if (!adminLogin || !adminPassword) {
    throw new UserError(`The stack ${name} has no administrator.`, [
      { path: name, expected: "an environment that is up", found: "none", hint: `npx odoo-stacks up ${name}` },
    ]);
  }
  const [login, password] = [String(adminLogin.value), String(adminPassword.value)];
  console.log(options.json ? JSON.stringify({ login, password }) : `login ${login}, password ${password}`);
}
