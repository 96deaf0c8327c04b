import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { forgetSalt } from "../../../infra/cli/leftovers";
import { folderWith } from "../../support/folders";

/** What is left of a stack's file. */
function forget(text: string): string {
  const dir = folderWith({ "Pulumi.acme.yaml": text });
  forgetSalt(join(dir, "Pulumi.acme.yaml"));
  return readFileSync(join(dir, "Pulumi.acme.yaml"), "utf8");
}

describe("a stack's file after the stack is gone", () => {
  it("no longer carries the mark of the passphrase, and is otherwise as it was", () => {
    const text =
      "# Ours.\nconfig:\n  odoo-stacks:kind: platform # what it is\n  odoo-stacks:domains: [a.example, b.example]\n";
    expect(forget(`encryptionsalt: v1:abc:v1:def\n${text}`)).toBe(text);
    expect(forget(`${text}encryptionsalt: v1:abc:v1:def\n`)).toBe(text);
  });

  it("keeps the mark while secrets in it need it", () => {
    const text = "encryptionsalt: v1:abc\nconfig:\n  odoo-stacks:token:\n    secure: v1:xyz\n";
    expect(forget(text)).toBe(text);
  });

  it("is not touched where there is no mark", () => {
    const text = "config:\n    odoo-stacks:kind:   platform\n";
    expect(forget(text)).toBe(text);
  });
});
