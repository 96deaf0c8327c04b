import { hostname, userInfo } from "node:os";
import { attempt } from "../core/exec";
import type { Author } from "./plan";

/** Who runs this process, where, and from which commit; a `+` behind it says that files differ from it. */
export async function author(): Promise<Author> {
  const git = (...args: string[]) => attempt(["git", ...args], { timeoutSeconds: 10 });
  const [head, changes] = await Promise.all([git("rev-parse", "HEAD"), git("status", "--porcelain")]);
  const commit = head.exitCode === 0 ? `${head.stdout.trim()}${changes.stdout.trim() === "" ? "" : "+"}` : "";
  return { user: userInfo().username, host: hostname(), commit };
}
