import { parseArgs } from "node:util";
import { text } from "node:stream/consumers";
import { UserError } from "../core/errors";
import { ensureImage, type ImageKind, imageKinds, verifyModules } from "./index";

/**
 * Makes sure that one image is there: `node -r tsx/cjs infra/images/build.ts odoo [--addons DIR] [--odoo-version 19.0]
 * [--verify-modules]`. With `--verify-modules`, names of modules are read from standard input, one a line, and the image
 * must have them. Progress goes to standard error; the only line on standard output is `{"tag":"…","id":"…"}`.
 */
async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      addons: { type: "string" },
      "odoo-version": { type: "string" },
      "verify-modules": { type: "boolean", default: false },
    },
  });
  const kind = imageKinds.find((known) => known === positionals[0]) ?? refuse(positionals[0]);
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const image = await ensureImage(kind, report, { addons: values.addons, version: values["odoo-version"] });
  if (values["verify-modules"]) {
    const names = (await text(process.stdin)).split("\n").map((line) => line.trim());
    await verifyModules(image.id, names.filter(Boolean));
  }
  process.stdout.write(`${JSON.stringify(image)}\n`);
}

function refuse(found = "nothing"): ImageKind {
  throw new UserError("Which image?", [{ path: "the first argument", expected: imageKinds.join(", "), found }]);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof UserError ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
