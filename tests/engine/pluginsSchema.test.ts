import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { pluginModule } from "../../infra/engine/plugins/build";
import { plugins } from "../../infra/engine/plugins";

/** The plugins built here have to speak the language of the npm packages: the same types, properties and secrets. */
interface Schema {
  readonly version?: string;
  readonly provider: { readonly inputProperties?: Record<string, unknown> };
  readonly resources: Record<
    string,
    {
      readonly properties: Record<string, { readonly secret?: boolean }>;
      readonly inputProperties?: Record<string, unknown>;
    }
  >;
  readonly functions?: Record<string, unknown>;
  readonly types?: Record<string, { readonly properties?: Record<string, unknown> }>;
}

/** What no plugin built here serves: Pulumi's own code around `docker build`, which is not in the Terraform provider. */
const notServed = ["docker:index/image:Image", "CacheFrom", "DockerBuild", "Registry"];

const folderOf = (name: string): string => dirname(require.resolve(`@pulumi/${name}/package.json`));

/** What a class of a package sends to the engine, read from its code. */
function declared(code: string) {
  const token = /__pulumiType = '([^']+)'/.exec(code)?.[1] ?? "";
  const names = [...code.matchAll(/resourceInputs\["(\w+)"\] = (.*);/g)];
  const secrets = /additionalSecretOutputs: \[([^\]]*)\]/.exec(code)?.[1] ?? "";
  return {
    token,
    inputs: new Set(names.filter(([, , value = ""]) => /\bargs\b/.test(value)).map(([, name = ""]) => name)),
    outputs: new Set(names.map(([, name = ""]) => name)),
    secrets: [...secrets.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name).sort(),
  };
}

/** Names of the properties of every interface in a file of types. */
function interfaces(file: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node)) {
      const names = node.members.flatMap((member) =>
        member.name && ts.isIdentifier(member.name) ? [member.name.text] : [],
      );
      found.set(node.name.text, names.sort());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  return found;
}

describe.each(["docker", "random"])("the schema of %s", (name) => {
  const schema = JSON.parse(readFileSync(join(pluginModule, name, "schema.json"), "utf8")) as Schema;
  const folder = folderOf(name);
  const files = [...readFileSync(join(folder, "index.d.ts"), "utf8").matchAll(/from "\.\/(\w+)"/g)].map(
    ([, file = ""]) => file,
  );
  const classes = [...new Set(files)]
    .map((file) => join(folder, `${file}.js`))
    .filter((file) => existsSync(file))
    .map((file) => declared(readFileSync(file, "utf8")))
    .filter(({ token }) => token.includes("/"));

  it("has the version of the package", () => {
    expect(schema.version).toBe(plugins.find((plugin) => plugin.name === name)?.version);
  });

  it("has every type of the package", () => {
    const expected = classes.map(({ token }) => token).filter((token) => !notServed.includes(token));
    expect(expected.length).toBeGreaterThan(7);
    expect(Object.keys(schema.resources).sort()).toEqual(expected.sort());
  });

  it.each(classes.filter(({ token }) => !notServed.includes(token)))("has the properties of $token", (type) => {
    const resource = schema.resources[type.token];
    expect(Object.keys(resource?.inputProperties ?? {}).sort()).toEqual([...type.inputs].sort());
    expect(Object.keys(resource?.properties ?? {}).sort()).toEqual([...type.outputs].sort());
    const secrets = Object.entries(resource?.properties ?? {}).filter(([, { secret }]) => secret);
    expect(secrets.map(([property]) => property).sort()).toEqual(type.secrets);
  });

  it("has the provider's settings", () => {
    const { inputs } = declared(readFileSync(join(folder, "provider.js"), "utf8"));
    expect(Object.keys(schema.provider.inputProperties ?? {}).sort()).toEqual([...inputs].sort());
  });

  it("has every function of the package", () => {
    const code = new Set(files.map((file) => join(folder, `${file}.js`)).filter((file) => existsSync(file)));
    const called = [...code].map((file) => /invoke\("([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1]).filter(Boolean);
    const ours = Object.keys(schema.functions ?? {}).filter((token) => !token.startsWith("pulumi:providers:"));
    expect(ours.sort()).toEqual(called.sort());
  });

  it("has the nested types of the package", () => {
    const file = join(folder, "types/input.d.ts");
    const ours = new Map(
      Object.entries(schema.types ?? {}).map(([token, type]) => [token.split(":").at(-1) ?? "", type.properties ?? {}]),
    );
    const theirs = existsSync(file) ? [...interfaces(file)] : [];
    // Those of functions begin with a small letter here.
    for (const [type, properties] of theirs.filter(([type]) => !notServed.includes(type) && !type.startsWith("Get"))) {
      expect(Object.keys(ours.get(type) ?? {}).sort(), type).toEqual(properties);
    }
    expect(ours.size > 0).toBe(theirs.length > 0);
  });
});
