import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exec } from "../../commands/docker";
import { odooPaths } from "../../commands/odooConf";
import { attempt, run } from "../../core/exec";
import { until } from "../../core/until";

/** What one machine writes shows on the others within this, in seconds; NFS keeps names for 3 to 60 s (nfs(5), acdirmax). */
const shownSeconds = 75;

/**
 * Makes sure that the new web containers work at the new place: each reads what this process writes there, and writes, as Odoo's
 * own user, what this process reads.
 * @param webs The containers.
 * @param folder Where this process sees the place.
 * @throws Error when one of them does not.
 */
export async function requireReach(webs: readonly string[], folder: string): Promise<void> {
  const word = randomBytes(8).toString("hex");
  const own = `.odoo-stacks-${word}`;
  const theirs = webs.map((_, at) => `${own}-${at + 1}`);
  writeFileSync(join(folder, own), word, { mode: 0o644 });
  try {
    await Promise.all(webs.map((web, at) => requireOne(web, folder, { own, theirs: theirs[at] ?? "", word })));
  } finally {
    for (const file of [own, ...theirs]) rmSync(join(folder, file), { force: true });
  }
}

async function requireOne(
  web: string,
  folder: string,
  { own, theirs, word }: { own: string; theirs: string; word: string },
): Promise<void> {
  const inOdoo = (file: string) => `${odooPaths.data}/${file}`;
  const write = ["sh", "-ec", 'printf %s "$1" >"$2"', "sh", word, inOdoo(theirs)];
  await run(exec(web, write), { timeoutSeconds: 60 });
  await until("Odoo reads at the new place what was written there", shownSeconds, async () => {
    const { stdout } = await attempt(exec(web, ["cat", inOdoo(own)]), { timeoutSeconds: 60 });
    return stdout.trim() === word;
  });
  await until("what Odoo writes is at the new place", shownSeconds, () =>
    Promise.resolve(contentOf(join(folder, theirs)) === word),
  );
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
