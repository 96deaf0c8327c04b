import fc from "fast-check";
import { distance } from "fastest-levenshtein";
import { describe, expect, it } from "vitest";
import { pathText } from "../../../infra/config/explain";
import { keysOf, shapeAt } from "../../../infra/config/keyTree";
import { loadConfig } from "../../../infra/config/load";
import { schemas, type Kind } from "../../../infra/config/schema";
import type { UserError } from "../../../infra/core/errors";
import { leastEnvironment, leastPlatform, problemsOf, raw } from "./given";

const least = { platform: leastPlatform, environment: leastEnvironment };
const kinds = Object.keys(schemas) as Kind[];

describe("a misspelt key", () => {
  const everyKey = kinds.flatMap((kind) => keysOf(schemas[kind]).map(({ path }) => ({ kind, path })));

  it.each(everyKey.filter(({ path }) => path !== "kind"))("is told the right one: $kind $path", ({ kind, path }) => {
    const steps = stepsOf(path);
    const name = String(steps.at(-1));
    const siblings = Object.keys(shapeAt(schemas[kind], steps.slice(0, -1)) ?? {});
    fc.assert(
      fc.property(fc.integer({ min: 1, max: name.length - 1 }), (at) => {
        const misspelt = name.slice(0, at) + name.slice(at + 1);
        // Where another key is as near, either may have been meant.
        fc.pre(siblings.every((sibling) => sibling === name || distance(misspelt, sibling) > 1));
        const written = nest([...steps.slice(0, -1), misspelt], "x");
        const problems = problemsOf(() => loadConfig(raw({ ...least[kind], ...written }), []));
        const bad = pathText([...steps.slice(0, -1), misspelt]);
        expect(problems.find((problem) => problem.path === bad)?.hint).toBe(`Did you mean "${pathText(steps)}"?`);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a secret", () => {
  const secret = fc.stringMatching(/^[a-z0-9]{16,24}$/);
  const topLevel = kinds.flatMap((kind) => Object.keys(shapeAt(schemas[kind], []) ?? {}).map((key) => ({ kind, key })));

  it("is in no message, whatever key it was put under", () => {
    fc.assert(
      fc.property(fc.constantFrom(...topLevel), secret, fc.boolean(), ({ kind, key }, text, nested) => {
        const value = nested ? { [key]: { password: text, name: [text] } } : { [key]: `!${text}` };
        const message = messageOf(raw({ ...least[kind], ...value }), [key]);
        fc.pre(key !== "kind");
        expect(message).toContain("problem");
        expect(message).not.toContain(text);
      }),
    );
  });

  it("is in no message where it is among the options of a program", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom("smtp_password", "proxy_access_token", "api_key"), (text, option) => {
        const message = messageOf(raw({ ...leastEnvironment, odoo: { options: { [option]: text } } }), []);
        expect(message).toContain(`odoo.options.${option}`);
        expect(message).not.toContain(text);
      }),
    );
  });
});

/** The steps to a key: `machines[].name` is that of the first machine. */
const stepsOf = (path: string): (string | number)[] =>
  path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), 0] : [step]));

function nest(path: readonly (string | number)[], value: unknown): Record<string, unknown> {
  const [step = "", ...below] = path;
  const inner = below.length > 0 ? nest(below, value) : value;
  return typeof step === "number" ? ([inner] as unknown as Record<string, unknown>) : { [step]: inner };
}

function messageOf(values: Record<string, string>, secretKeys: readonly string[]): string {
  try {
    loadConfig(values, secretKeys);
  } catch (error) {
    return (error as UserError).message;
  }
  return "";
}
