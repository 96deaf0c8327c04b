import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../core/exec";
import { onManager } from "../../swarm/engines";

/**
 * Fills the proxy's maintenance page with a message, as the proxy would. Of Go's templates it knows the three forms that
 * the pages use: another page put in, a part for when there is a message, and the message itself.
 * @param pages The pages by file name.
 * @param message What users read, as plain text; empty for the page's own words.
 */
export function fillPage(pages: Readonly<Record<string, string>>, message: string): string {
  return (pages["503.html"] ?? "")
    .replaceAll(/{{-?\s*template\s+"([\w.]+)"\s*-?}}/g, (_, name: string) => pages[name] ?? "")
    .replaceAll(
      /{{-?\s*if\s+\.Message\s*-?}}([\s\S]*?)(?:{{-?\s*else\s*-?}}([\s\S]*?))?{{-?\s*end\s*-?}}/g,
      (_, one: string, other = "") => (message ? one : String(other)),
    )
    .replaceAll(/{{-?\s*\.Message\s*-?}}/g, () => escapeHtml(message));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");

/**
 * The maintenance page as the proxy has it, so that pages of your own are shown here too.
 * @param proxy Name of the proxy's container.
 * @param folder Where it has its pages.
 */
export async function maintenancePage(proxy: string, folder: string, message: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), "pages-"));
  try {
    await run(onManager(["docker", "cp", `${proxy}:${folder}/.`, copy]), { timeoutSeconds: 60 });
    const names = readdirSync(copy).filter((name) => name.endsWith(".html"));
    return fillPage(Object.fromEntries(names.map((name) => [name, readFileSync(join(copy, name), "utf8")])), message);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
