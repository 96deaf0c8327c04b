import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { UserError } from "../../infra/core/errors";
import { repositoryDir } from "../../infra/core/paths";
import { silent } from "../../infra/core/report";
import { ensureImage, expectedTag, moduleInventory, verifyModules } from "../../infra/images";
import { DockerEngine } from "../../infra/docker/engine";
import { buildPostgres } from "../../infra/images/postgres";
import { buildProxy } from "../../infra/images/proxy";
import { pullBase } from "../../infra/images/registry";
import { Containers, inspect, logs } from "../support/containers";
import { docker } from "../support/docker";
import { folderWith } from "../support/folders";
import { must, sh } from "../support/shell";

const containers = new Containers("images");
const builtHere: string[] = [];
let odoo: { id: string; tag: string };
let postgres: string;

/** Runs the program that makes one image. */
const build = (...args: string[]) =>
  [process.execPath, "--require", "tsx/cjs", join(repositoryDir, "infra/images/build.ts"), ...args] as const;

/** An addons folder with one module of an unusual name, so that its image is nobody else's. */
const addonsWith = (files: Readonly<Record<string, string>>) =>
  folderWith({
    "odoo_stacks_probe/__manifest__.py":
      '{\n    "name": "Probe",\n    "version": "19.0.3.2.1",\n    "depends": ["web"],\n}\n',
    "odoo_stacks_probe/__init__.py": "",
    ...files,
  });

/** Remembers an image that a test makes, to be removed. */
function own(tag: string): string {
  builtHere.push(tag);
  return tag;
}

beforeAll(async () => {
  const images = await Promise.all([ensureImage("odoo", silent), ensureImage("postgres", silent)]);
  odoo = images[0];
  postgres = images[1].id;
  await containers.createNetwork();
});
afterAll(async () => {
  await containers.removeAll();
  for (const tag of builtHere) await sh(["docker", "image", "rm", tag]);
});

describe("the images", () => {
  it("are there at once when they are there", async () => {
    const lines: string[] = [];
    expect(await ensureImage("odoo", (line) => lines.push(line))).toEqual(odoo);
    expect(lines).toEqual([]);
    expect(odoo.tag).toBe(expectedTag("odoo"));
    expect(odoo.id).toBe(await inspect(odoo.tag, "{{.Id}}"));
  });

  it("say what is in them", async () => {
    const labels = JSON.parse(await inspect(odoo.id, "{{json .Config.Labels}}")) as Record<string, string>;
    expect(labels["odoo-stacks.image"]).toBe("odoo");
    expect(labels["odoo-stacks.modules"]).toContain("sale_delivery_note=19.0.1.0.0");
    expect(labels["org.opencontainers.image.version"]).toBe("19.0");
  });

  it("are made once when two processes want the same, with all that the modules need", async () => {
    const addons = addonsWith({
      "packages.txt": "jq # to read what a shop sends\n",
      "requirements.txt": "roman==4.2\n",
      "collection/odoo_stacks_inner/__manifest__.py": '{"name": "Inner", "depends": ["odoo_stacks_probe"]}\n',
      "collection/odoo_stacks_inner/__init__.py": "",
    });
    const git = (...args: string[]) =>
      must(["git", "-C", addons, "-c", "user.name=Probe", "-c", "user.email=probe@probe.test", ...args]);
    await git("init", "--quiet");
    await git("commit", "--quiet", "--allow-empty", "--message", "probe");
    const { stdout: revision } = await git("rev-parse", "HEAD");
    const tag = own(expectedTag("odoo", { addons }));
    const [first, second] = await Promise.all([
      must(build("odoo", "--addons", addons)),
      must(build("odoo", "--addons", addons)),
    ]);
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout)).toEqual({ tag, id: await inspect(tag, "{{.Id}}") });
    expect([first.stderr, second.stderr].filter((text) => text.includes(`${tag}: building`))).toHaveLength(1);
    const says = await inspect(tag, '{{index .Config.Labels "org.opencontainers.image.revision"}}');
    expect(says).toBe(revision.trim());

    const look = `jq --version && python3 -c 'import roman; print(roman.__file__)' && find /opt/odoo ! -user root -o -perm /022 ! -type l`;
    const { stdout } = await must(["docker", "run", "--rm", "--network", "none", tag, "sh", "-c", look]);
    expect(stdout).toMatch(/^jq-1\.\d+[^]*\/opt\/odoo\/python\/[^]*roman\.py$/);
    const modules = await moduleInventory(tag);
    expect(modules).toMatchObject({ odoo_stacks_probe: ["web"], odoo_stacks_inner: ["odoo_stacks_probe"], base: [] });
    const program = "from odoo.tools import config; config.parse_config([]); print(config['addons_path'])";
    const found = await must(["docker", "run", "--rm", "--network", "none", tag, "python3", "-c", program]);
    expect(found.stdout).toContain("'/opt/odoo/addons', '/opt/odoo/addons/collection', '/opt/odoo/server'");
    const load = "from odoo.modules.module import load_openerp_module as load; load('odoo_stacks_balancer')";
    const asks = `${program}; ${load}; import odoo.http; print(odoo.http.ProxyFix.keywords)`;
    const { stdout: fixed } = await must(["docker", "run", "--rm", "--network", "none", tag, "python3", "-c", asks]);
    expect(fixed).toContain("'x_for': 2, 'x_proto': 1");
  });

  it("say what is wrong with a module's needs", async () => {
    const addons = addonsWith({ "packages.txt": "odoo-stacks-no-such-package\n" });
    const { exitCode, stdout, stderr } = await sh(build("odoo", "--addons", addons));
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /Unable to locate package odoo-stacks-no-such-package[^]*packages\.txt of your addons folder/,
    );
    // The container that the build ran in is gone.
    expect(await docker("ps", "--all", "--no-trunc", "--format", "{{.Command}}")).not.toContain("/opt/odoo/needs");
  });

  it("are refused by the program for what is no image", async () => {
    const { exitCode, stderr } = await sh(build("odo"));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/odoo, postgres, proxy[^]*odo/);
  });
});

describe("images from Docker Hub", () => {
  /** Makes sure that the Engine has an image under a name of Docker Hub: the real one, or one of ours in its place. */
  async function haveInstead(name: string, dockerfile: string): Promise<void> {
    if ((await sh(["docker", "image", "inspect", name])).exitCode === 0) return;
    await must(["docker", "build", "--tag", own(name), "-"], { input: dockerfile });
  }

  beforeEach(() => void vi.stubEnv("ODOO_STACKS_IMAGES", "registry"));
  afterEach(() => void vi.unstubAllEnvs());

  it("bring the proxy's binary", async () => {
    const ours = (await ensureImage("proxy", silent)).id;
    await haveInstead(
      "basecamp/kamal-proxy:v0.9.2",
      `FROM ${ours} AS b\nFROM scratch\nCOPY --from=b /bin/kamal-proxy /usr/local/bin/kamal-proxy\n`,
    );
    const tag = own("odoo-stacks-test/proxy:hub");
    await buildProxy(new DockerEngine(), tag, silent);
    expect(await inspect(tag, '{{index .Config.Labels "odoo-stacks.base"}}')).toBe("basecamp/kamal-proxy:v0.9.2");
    await containers.healthy(await containers.start({ image: tag }), 30);
  });

  it("are the base of PostgreSQL", async () => {
    await haveInstead(
      "postgres:17",
      `FROM ${postgres}\nENV PGDATA=/var/lib/postgresql/data\nVOLUME /var/lib/postgresql/data\n`,
    );
    const tag = own("odoo-stacks-test/postgres:hub");
    await buildPostgres(new DockerEngine(), tag, silent);
    expect(await inspect(tag, '{{index .Config.Labels "odoo-stacks.base"}}')).toBe("postgres:17");
    const dir = folderWith({ password: "for-this-test" });
    const volumes = [`${dir}/password:/run/secrets/odoo_password:ro`];
    await containers.healthy(await containers.start({ image: tag, env: { DATABASE: "probe" }, volumes }), 60);
  });

  it("are an error where they alone are allowed and can't be had", async () => {
    const failure = pullBase(new DockerEngine(), "odoo-stacks.invalid/none:1", silent);
    await expect(failure).rejects.toThrow(/unset ODOO_STACKS_IMAGES/);
  });
});

describe("modules of the Odoo image", () => {
  it("are listed: Odoo's own and the user's, and quickly the second time", async () => {
    const modules = await moduleInventory(odoo.id);
    expect(Object.keys(modules).length).toBeGreaterThan(500);
    expect(modules.sale_delivery_note).toEqual(["sale_management"]);
    expect(modules.sale_management).toContain("sale");
    const start = performance.now();
    await moduleInventory(odoo.id);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it("are checked by name", async () => {
    await expect(verifyModules(odoo.id, ["base", "sale_delivery_note"])).resolves.toBeUndefined();
    const failure = await verifyModules(odoo.id, ["sale_delivery_nota", "base"]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).message).toContain("did you mean sale_delivery_note?");
  });

  it("are checked by the program that Pulumi runs, before anything changes", async () => {
    const { exitCode, stdout, stderr } = await sh(build("odoo", "--verify-modules"), {
      input: "base\nsale_managment\n",
    });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("did you mean sale_management?");
  });
});

describe("the Odoo image", () => {
  const conf = `[options]
db_host = database
db_user = odoo
db_password = for-this-test
http_interface = 0.0.0.0
data_dir = /var/lib/odoo
list_db = False
`;

  it("answers /web/health, and its own health check sees it", async () => {
    const dir = folderWith({ "odoo.conf": conf });
    const container = await containers.start({ image: odoo.id, volumes: [`${dir}/odoo.conf:/etc/odoo/odoo.conf:ro`] });
    await containers.healthy(container, 120);
    const answer = await docker(
      "exec",
      container,
      "curl",
      "-sS",
      "-w",
      " %{http_code}",
      "http://localhost:8069/web/health",
    );
    expect(answer).toBe('{"status": "pass"} 200');
    expect(await docker("exec", container, "id")).toContain("uid=100(odoo) gid=101(odoo)");
    expect(await docker("top", container, "-eo", "pid,args")).not.toContain("for-this-test");
    await docker("stop", container);
    expect(await inspect(container, "{{.State.ExitCode}}")).toBe("0");
  });

  it("installs the example module, whose own tests pass", async () => {
    const dir = folderWith({ "odoo.conf": conf, password: "for-this-test" });
    const database = await containers.start({
      image: postgres,
      alias: "database",
      env: { DATABASE: "probe" },
      volumes: [`${dir}/password:/run/secrets/odoo_password:ro`],
    });
    await containers.healthy(database, 60);
    const { exitCode, all } = await containers.runToEnd(
      {
        image: odoo.id,
        volumes: [`${dir}/odoo.conf:/etc/odoo/odoo.conf:ro`],
        command: [
          ...[
            "odoo",
            "server",
            "--config",
            "/etc/odoo/odoo.conf",
            "--database",
            "probe",
            "--init",
            "sale_delivery_note",
            "--stop-after-init",
          ],
          ...["--no-http", "--max-cron-threads", "0", "--test-tags", "/sale_delivery_note"],
        ],
      },
      280,
    );
    expect(all).toContain("0 failed, 0 error(s) of 4 tests");
    expect(all.split("\n").filter((line) => / (WARNING|ERROR|CRITICAL) (?!\?)/.test(line))).toEqual([]);
    expect(exitCode).toBe(0);
    expect(await logs(database)).not.toMatch(/ (ERROR|FATAL|PANIC): /);
  });
});
