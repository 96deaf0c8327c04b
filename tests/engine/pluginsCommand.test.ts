import * as pulumi from "@pulumi/pulumi";
import { local, remote } from "@pulumi/command";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PluginStack } from "../support/pluginStack";
import { type SshServer, startSshServer } from "../support/pluginSshd";
import { until } from "../support/until";

/** The plugin `command` on the real engine: local commands, and remote ones on a real SSH server. */
let stack: PluginStack;
let folder: string;
let ssh: SshServer;

beforeAll(async () => {
  stack = await PluginStack.create();
  folder = mkdtempSync(join(tmpdir(), "odoo-stacks-command-"));
  ssh = await startSshServer();
});
afterAll(async () => {
  ssh.stop();
  await stack.remove();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(file(name), "utf8");
const declare = (make: () => Record<string, unknown>) => () => Promise.resolve(make());
/** What a command may be declared with, local or remote. */
type Args = Pick<local.CommandArgs, "create" | "update" | "delete" | "stdin" | "triggers" | "environment">;

/** The life of a command, whichever machine it runs on. */
function describeLife(title: string, command: (args: Args) => local.Command | remote.Command, slug: string) {
  describe(title, () => {
    const log = `${slug}.log`;
    const program = (args: Args) =>
      declare(() => ({
        stdout: command({
          create: `tee -a ${file(log)}; printf 'created %s\\n' "$GREETING" | tee -a ${file(log)}`,
          update: `printf 'updated after <%s>\\n' "$PULUMI_COMMAND_STDOUT" | tee -a ${file(log)}`,
          delete: `printf 'deleted after <%s>\\n' "$PULUMI_COMMAND_STDOUT" >> ${file(log)}`,
          stdin: pulumi.secret("a secret line\n"),
          environment: { GREETING: "hello" },
          ...args,
        }).stdout,
      }));

    it("is not run by a preview", async () => {
      expect((await stack.preview(program({}))).changes).toEqual({ create: 1 });
      expect(existsSync(file(log))).toBe(false);
    });

    it("is run once, with its input and environment", async () => {
      const { changes, outputs } = await stack.up(program({}));
      expect(changes).toEqual({ create: 1 });
      expect(outputs.stdout?.value).toBe("a secret line\ncreated hello");
      expect(read(log)).toBe("a secret line\ncreated hello\n");
      expect((await stack.up(program({}))).changes).toEqual({ same: 1 });
      expect((await stack.refresh()).changes).toEqual({ same: 1 });
      expect(read(log)).toBe("a secret line\ncreated hello\n");
    });

    it("keeps a secret input encrypted", () => {
      const [kept] = stack.kept(`command:${slug}:Command`);
      expect(kept?.inputs?.stdin).toHaveProperty("ciphertext");
      expect(kept?.outputs?.stdin).toHaveProperty("ciphertext");
      expect(kept?.outputs?.create).toBeTypeOf("string");
    });

    it("is updated when an input changes, and told what it wrote before", async () => {
      const changed = program({ environment: { GREETING: "again" } });
      expect((await stack.preview(changed)).changes).toEqual({ update: 1 });
      const { changes, outputs } = await stack.up(changed);
      expect(changes).toEqual({ update: 1 });
      expect(outputs.stdout?.value).toBe("updated after <a secret line\ncreated hello>");
    });

    it("is replaced when a trigger changes: the new one first, then the old one's end", async () => {
      writeFileSync(file(log), "");
      const { changes, outputs } = await stack.up(program({ triggers: [1] }));
      expect(changes).toEqual({ replace: 1 });
      expect(outputs.stdout?.value).toBe("a secret line\ncreated hello");
      expect(read(log).trim().split("\n").slice(0, 3)).toEqual([
        "a secret line",
        "created hello",
        "deleted after <updated after <a secret line",
      ]);
    });

    it("says what it wrote when it fails, and is not kept", async () => {
      const failing = declare(() => ({ it: command({ create: "echo the reason >&2; exit 7" }) }));
      await stack.destroy();
      await expect(stack.up(failing)).rejects.toThrow(/exit(ed with)? status 7[\s\S]*the reason/);
      expect(stack.kept(`command:${slug}:Command`)).toEqual([]);
    });

    it("runs its last command when it goes", async () => {
      await stack.up(program({}));
      writeFileSync(file(log), "");
      expect((await stack.destroy()).changes).toEqual({ delete: 1 });
      expect(read(log)).toBe("deleted after <a secret line\ncreated hello>\n");
    });
  });
}

const connection = (): remote.CommandArgs["connection"] => ({
  host: ssh.host,
  port: ssh.port,
  user: ssh.user,
  hostKey: ssh.hostKey,
  privateKey: ssh.privateKey,
});

describeLife("a local command", (args) => new local.Command("command", args), "local");
describeLife(
  "a remote command",
  (args) => new remote.Command("command", { connection: connection(), ...args }),
  "remote",
);

describe("a local command", () => {
  it("runs in a folder, with an interpreter", async () => {
    const args: local.CommandArgs = { dir: folder, interpreter: ["/bin/sh", "-euc"], create: 'pwd; echo "$-"' };
    const { outputs } = await stack.up(declare(() => ({ stdout: new local.Command("place", args).stdout })));
    expect(outputs.stdout?.value).toMatch(new RegExp(`^${folder}\n.*u`));
  });

  it("is told nothing of its last run when asked not to", async () => {
    const program = (step: number) =>
      declare(() => ({
        stdout: new local.Command("silent", {
          create: `echo "<$PULUMI_COMMAND_STDOUT>" ${step}`,
          addPreviousOutputInEnv: false,
          logging: local.Logging.None,
        }).stdout,
      }));
    await stack.up(program(1));
    expect((await stack.up(program(2))).outputs.stdout?.value).toBe("<> 2");
  });

  it("does not know its output before it ran", async () => {
    let known = false;
    const program = declare(() => {
      const first = new local.Command("first", { create: "echo 1" });
      first.stdout.apply(() => (known = true));
      return { second: new local.Command("second", { create: pulumi.interpolate`echo ${first.stdout}2` }).stdout };
    });
    const preview = await stack.preview(program);
    expect(preview.changes).toMatchObject({ create: 2 });
    expect(known).toBe(false);
    expect((await stack.up(program)).outputs.second?.value).toBe("12");
  });

  it("may write anything: much of it, long lines, bytes that are no text", async () => {
    const create = String.raw`seq 2000; head -c 200000 /dev/zero | tr '\0' x; printf '\377\n\n' >&2`;
    const { outputs } = await stack.up(
      declare(() => {
        const { stdout, stderr } = new local.Command("loud", { create });
        return { stdout, stderr };
      }),
    );
    const stdout = String(outputs.stdout?.value);
    expect(stdout.startsWith("1\n2\n")).toBe(true);
    expect(stdout.endsWith(`2000\n${"x".repeat(200_000)}`)).toBe(true);
    expect(outputs.stderr?.value).toBe("\uFFFD\n");
  });

  it("refuses to collect files, and says what to do", async () => {
    const program = declare(() => ({ it: new local.Command("files", { create: "true", assetPaths: ["*"] }) }));
    await expect(stack.preview(program)).rejects.toThrow(/assetPaths[\s\S]*collects no files/);
  });

  it("ends with everything that it started when the engine is cancelled", async () => {
    const started = "long.child";
    // The shell waits for a child that no signal to the shell alone would reach.
    const create = `sleep 300 & echo $! > ${file(started)}; wait; echo never > ${file("never")}`;
    const interrupt = new AbortController();
    const cancelled = stack.up(
      declare(() => ({ it: new local.Command("long", { create }) })),
      interrupt.signal,
    );
    const child = await until("the command's child", 30, () => existsSync(file(started)) && read(started).trim());
    expect(existsSync(`/proc/${child}`)).toBe(true);
    interrupt.abort();
    await expect(cancelled).rejects.toThrow();
    await until("the end of the child", 20, () => !existsSync(`/proc/${child}`));
    expect(existsSync(file("never"))).toBe(false);
  });
});

it("runs a function's command in previews too", async () => {
  const { outputs, changes } = await stack.up(
    declare(() => ({ stdout: local.runOutput({ command: "cat", stdin: "now" }).stdout })),
  );
  expect(outputs.stdout?.value).toBe("now");
  expect(changes.create).toBeUndefined();
});

describe("files for another machine", () => {
  const copy = (source: pulumi.asset.Asset | pulumi.asset.Archive, remotePath: string) =>
    declare(() => ({
      it: new remote.CopyToRemote("copy", { connection: connection(), source, remotePath }).remotePath,
    }));

  it("are copied, again when they change, and stay", async () => {
    const source = file("source.txt");
    writeFileSync(source, "one");
    const program = () => copy(new pulumi.asset.FileAsset(source), file("copied.txt"));
    expect((await stack.preview(program())).changes).toMatchObject({ create: 1 });
    expect(existsSync(file("copied.txt"))).toBe(false);
    await stack.up(program());
    expect(read("copied.txt")).toBe("one");
    writeFileSync(source, "two");
    expect((await stack.up(program())).changes).toEqual({ update: 1 });
    expect(read("copied.txt")).toBe("two");
    expect((await stack.up(program())).changes).toEqual({ same: 1 });
    await stack.destroy();
    expect(read("copied.txt")).toBe("two");
  });

  it("may be a text or a whole folder", async () => {
    await stack.up(copy(new pulumi.asset.StringAsset("said"), file("text.txt")));
    expect(read("text.txt")).toBe("said");
    mkdirSync(join(folder, "tree/below"), { recursive: true });
    writeFileSync(join(folder, "tree/below/leaf"), "green");
    await stack.up(copy(new pulumi.asset.FileArchive(file("tree")), file("grown")));
    expect(read("grown/tree/below/leaf")).toBe("green");
  });
});

it("gives up on a machine that does not answer as its key says", async () => {
  const wrongKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEsS4S7Yyl8bnP8wNpAwUQCcwnTVtQ5VZQ4tkBqYr6xd";
  const program = declare(() => ({
    it: new remote.Command("stranger", {
      connection: { host: ssh.host, port: ssh.port, privateKey: ssh.privateKey, hostKey: wrongKey, dialErrorLimit: 1 },
      create: "true",
    }),
  }));
  await expect(stack.up(program)).rejects.toThrow(/after 2 failed attempts[\s\S]*host key mismatch/);
});
