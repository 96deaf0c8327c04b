import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { repositoryDir } from "../../../infra/core/paths";
import { UserError } from "../../../infra/core/errors";
import { addonsPath, manifestVersion, readAddons, readNeeds } from "../../../infra/images/addons";
import { folderWith } from "../../support/folders";

const manifest = (version: string) =>
  `# -*- coding: utf-8 -*-\n{\n    'name': "A module",\n    'version': '${version}',\n}\n`;

describe("reading an addons folder", () => {
  it("finds modules, collections of modules, and what they need", () => {
    const addons = readAddons(
      folderWith({
        "sale_gift/__manifest__.py": manifest("19.0.1.0.0"),
        "web/web_clock/__manifest__.py": manifest("19.0.2.1.0"),
        "web/web_clock/tools/inner/__manifest__.py": manifest("1"),
        "web/requirements.txt": "phonenumbers\n",
        "web/README.md": "a collection",
        "requirements.txt": "qrcode",
        "packages.txt": "ghostscript # for labels\n",
        "notes.txt": "not for the image",
      }),
    );
    expect(addons.modules).toEqual([
      { name: "sale_gift", version: "19.0.1.0.0", folder: "sale_gift" },
      { name: "web_clock", version: "19.0.2.1.0", folder: "web/web_clock" },
    ]);
    expect(addons.paths).toEqual([".", "web"]);
    expect(addonsPath(addons)).toBe("/opt/odoo/addons,/opt/odoo/addons/web,/opt/odoo/server");
    expect(readNeeds(addons, "requirements.txt")).toBe("qrcode\nphonenumbers\n");
    expect(readNeeds(addons, "packages.txt")).toBe("ghostscript # for labels\n");
    expect(addons.files.map(({ path }) => path)).not.toContain("notes.txt");
  });

  it("takes a module within a module for what it is: files of that module", () => {
    const addons = readAddons(folderWith({ "a/__manifest__.py": manifest("1"), "a/b/__manifest__.py": manifest("2") }));
    expect(addons.modules.map(({ folder }) => folder)).toEqual(["a"]);
  });

  it("accepts a folder without modules", () => {
    const addons = readAddons(folderWith({ "README.md": "none yet" }));
    expect(addons).toEqual({ files: [], modules: [], paths: [] });
    expect(addonsPath(addons)).toBe("/opt/odoo/server");
  });

  it("refuses a folder that is not there, saying what to do", () => {
    const gone = join(folderWith({}), "adons");
    expect(() => readAddons(gone)).toThrow(UserError);
    expect(() => readAddons(gone)).toThrow(`mkdir -p ${gone}`);
  });

  it("refuses two modules of one name, naming both", () => {
    const folder = folderWith({ "a/gift/__manifest__.py": manifest("1"), "b/gift/__manifest__.py": manifest("2") });
    expect(() => readAddons(folder)).toThrow(/b\/gift[^]*a second one in a\/gift/);
  });

  it("knows the module that this project ships", () => {
    expect(readAddons(join(repositoryDir, "addons")).modules).toContainEqual({
      name: "sale_delivery_note",
      version: "19.0.1.0.0",
      folder: "sale_delivery_note",
    });
  });
});

describe("the version in a manifest", () => {
  it.each([
    ['{"version": "19.0.1.0.0"}'.replace("{", "{\n"), "19.0.1.0.0"],
    ["{\n    'version' : '1.0',\n}", "1.0"],
    ["{\n    # 'version': '9',\n    'name': 'no version',\n}", "0"],
    ["", "0"],
  ])("%j → %s", (source, version) => {
    expect(manifestVersion(source)).toBe(version);
  });
});
