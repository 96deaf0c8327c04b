import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { repositoryDir } from "../../infra/core/paths";
import { folderWith } from "../support/folders";
import { must, sh } from "../support/shell";

// What a machine is short of, in a second daemon beside its own: no network at all, or hardly any disk.
let root: string;
let env: Record<string, string | undefined>;

beforeEach(() => {
  root = folderWith({});
  for (const folder of ["data", "cache"]) mkdirSync(join(root, folder));
  env = {
    ...process.env,
    DOCKER_HOST: `unix://${root}/docker.sock`,
    ODOO_STACKS_CACHE_DIR: join(root, "cache"),
    ODOO_STACKS_IMAGES: undefined,
  };
});

/** Makes an image with a daemon of its own, in a network of its own without any connection, and ends the daemon. */
const buildAlone = (kind: string) => {
  const script = `
    dockerd --host "$DOCKER_HOST" --data-root ${root}/data --exec-root ${root}/exec --pidfile ${root}/docker.pid \\
      --bridge none --iptables=false --storage-driver vfs >${root}/log 2>&1 &
    daemon=$!
    trap 'kill $daemon; wait $daemon' EXIT
    tries=0
    until docker version >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ $tries -lt 300 ] || { cat ${root}/log; exit 99; }
      sleep 0.1
    done
    "${process.execPath}" --require tsx/cjs infra/images/build.ts ${kind}`;
  return sh(["unshare", "--net", "sh", "-c", script], { cwd: repositoryDir, env, timeoutSeconds: 120 });
};

describe("an image that can't be made", () => {
  it("for want of a network names both places that were tried", async () => {
    const { exitCode, stdout, stderr } = await buildAlone("postgres");
    expect(stderr).toContain("No place that images come from can be reached.");
    expect(stderr).toMatch(/Docker Hub\n {4}expected: an answer\n {4}found: {4}.*(dial|lookup|resolve)/);
    expect(stderr).toMatch(/\/debian\n {4}expected: Debian's packages\n {4}found: {4}.*release file/i);
    expect(stderr).toMatch(/hint: .*run the command again/);
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
  });

  it("for want of disk says how much is needed, before anything is downloaded", async () => {
    await must(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", join(root, "data")]);
    onTestFinished(async () => {
      await sh(["umount", "--lazy", join(root, "data")]);
      rmSync(join(root, "data"), { recursive: true, force: true });
    });
    const { exitCode, stderr } = await buildAlone("odoo");
    expect(stderr).toMatch(/not enough room on the disk[^]*expected: 5\d\d MB free[^]*found: {4}\d+(\.\d)? MB free/);
    expect(stderr).toContain("docker system df");
    expect(stderr).not.toContain("debootstrap");
    expect(exitCode).toBe(1);
  });
});
