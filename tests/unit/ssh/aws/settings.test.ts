import { describe, expect, it } from "vitest";
import { machinesIn } from "../../../../infra/cli/listedMachines";
import { repositoryDir } from "../../../../infra/core/paths";
import { renderConfig } from "../../../../infra/ssh/config";

const written = (aws: object) => ({
  "odoo-stacks:target": "aws",
  "odoo-stacks:topology": "split-database",
  "odoo-stacks:aws": { region: "eu-central-1", ...aws },
});
const configOf = (aws: object): string => renderConfig("/project", machinesIn("acme", written(aws)), "/tmp/sockets");

/** The settings that come first for a machine: the first value of each counts. */
const first = (config: string, host: string): string =>
  new RegExp(`^Host ${host.replaceAll(".", "\\.")}\\n((?:  .*\\n)+)`, "m").exec(config)?.[1] ?? "";

describe("the settings of ssh for machines on AWS", () => {
  const reach = `'${process.execPath}' '${repositoryDir}/infra/ssh/aws/reach.cjs'`;

  it("lead through Session Manager, which says itself which machine it is", () => {
    const config = configOf({ profile: "erp" });
    for (const machine of ["main", "nonprod", "db"]) {
      const own = first(config, `${machine}.acme.aws`);
      expect(own).toContain(`  ProxyCommand ${reach} 'ssm' 'eu-central-1' 'acme' '${machine}' 'erp' %p\n`);
      expect(own).toContain("  StrictHostKeyChecking no\n");
      expect(own).toContain("  UserKnownHostsFile /dev/null\n");
    }
    // What holds for all machines comes later.
    expect(config).toContain("Host main.acme.aws nonprod.acme.aws db.acme.aws\n");
    expect(config.indexOf("StrictHostKeyChecking accept-new")).toBeGreaterThan(config.indexOf("ProxyCommand"));
  });

  it("lead to the public address over SSH, with pinned keys, and from there to the others", () => {
    const config = configOf({ access: "ssh", key: "~/.ssh/acme" });
    expect(config).not.toContain("StrictHostKeyChecking no");
    expect(config).toContain(`  ProxyCommand ${reach} 'ssh' 'eu-central-1' 'acme' 'main' %p\n`);
    expect(config).toMatch(
      /Host db\.acme\.aws\n {2}ConnectTimeout 30\n {2}HostName 10\.40\.128\.11\n {2}HostKeyAlias db\.acme\.aws\n {2}ProxyJump admin@main\.acme\.aws:22\n/,
    );
    expect(first(config, "main.acme.aws")).toMatch(/IdentityFile "\/.*\/\.ssh\/acme"/);
  });
});
