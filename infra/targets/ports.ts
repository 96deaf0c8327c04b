import { UserError } from "../core/errors";
import type { Target } from "./target";

/** A port that a stack is about to publish. */
export interface WantedPort {
  /** The config key that names it. */
  readonly path: string;
  readonly port: number;
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens on it",
  EADDRNOTAVAIL: "this machine has no such address",
};

/**
 * Fails, before anything changes, when ports that a stack wants to publish are taken by something other than itself.
 * @param target The machine.
 * @param stack The stack that wants them.
 * @param address The address to listen on.
 * @param wanted The ports, with the config keys that name them.
 */
export async function requireFreePort(
  target: Target,
  stack: string,
  address: string,
  wanted: readonly WantedPort[],
): Promise<void> {
  const problems = await Promise.all(
    wanted.map(async ({ path, port }) => {
      const error = await target.listenError(address, port);
      if (!error || error === "EACCES") return []; // Docker may publish what we, without its rights, may not.
      const holder = error === "EADDRINUSE" ? await target.portHolder(port) : undefined;
      if (holder === stack) return [];
      const found = holder ? `the proxy of the stack "${holder}" listens on it` : (reasons[error] ?? error);
      const hint = `Choose another port, or see what has it: ss -ltnp 'sport = :${port}'`;
      return [{ path, expected: "a free port", found: `${address}:${port}: ${found}`, hint }];
    }),
  );
  if (problems.flat().length > 0) throw new UserError("The proxy can't listen where it should.", problems.flat());
}
