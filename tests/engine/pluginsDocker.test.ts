import * as docker from "@pulumi/docker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureImage } from "../../infra/images";
import { docker as run } from "../support/docker";
import { folderWith } from "../support/folders";
import { startSshServer } from "../support/pluginSshd";
import { PluginStack } from "../support/pluginStack";
import { freePorts } from "../support/project";
import { must, sh } from "../support/shell";
import { until } from "../support/until";

/** The plugin `docker` on the real engine and the real Docker: containers, volumes, networks and images of one machine. */
let stack: PluginStack;
let image: string;
let port: number;

beforeAll(async () => {
  stack = await PluginStack.create();
  image = (await ensureImage("proxy", (line) => console.log(line))).id;
  [port = 0] = await freePorts(1);
});
afterAll(() => stack.remove());

const labels = [{ label: "odoo-stacks.test", value: "plugins" }];
const inspect = (id: unknown, format: string) => run("inspect", "--format", format, String(id));
const name = (role: string) => `${stack.prefix}-${role}`;

describe("a container", () => {
  /** The proxy with its network, its volume and a published port, as the platform declares it. */
  const program = (change: Partial<docker.ContainerArgs> = {}, options: { readonly besideOld?: boolean } = {}) => {
    return () => {
      const network = new docker.Network(name("net"), { driver: "overlay", attachable: true, labels });
      const volume = new docker.Volume(name("vol"), { labels });
      const args: docker.ContainerArgs = {
        image,
        labels,
        networksAdvanced: [{ name: network.name, aliases: ["front"] }],
        ports: [{ ip: "127.0.0.1", external: port, internal: 80, protocol: "tcp" }],
        volumes: [{ volumeName: volume.name, containerPath: "/data" }],
        restart: "unless-stopped",
        memory: 64,
        memorySwap: 128,
        logDriver: "json-file",
        logOpts: { "max-size": "1000000", "max-file": "3" },
        healthcheck: {
          tests: ["CMD", "kamal-proxy", "list"],
          interval: "10s",
          timeout: "5s",
          retries: 3,
          startPeriod: "5s",
        },
        ...change,
      };
      const container = new docker.Container(
        name("container"),
        args,
        options.besideOld ? { deleteBeforeReplace: false } : {},
      );
      container.id.apply((id) => (seen = id));
      return Promise.resolve({ id: container.id, volume: volume.name, network: network.name });
    };
  };
  let seen: string | undefined;
  let id: unknown;
  let volume: unknown;

  it("is not known before it is made", async () => {
    expect((await stack.preview(program())).changes).toEqual({ create: 3 });
    expect(seen).toBeUndefined();
  });

  it("runs, publishes its port on one address and mounts its volume", async () => {
    const { changes, outputs } = await stack.up(program());
    expect(changes).toEqual({ create: 3 });
    id = outputs.id?.value;
    volume = outputs.volume?.value;
    expect(await inspect(id, "{{.State.Running}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}")).toBe(
      `true ${64 * 1024 ** 2} unless-stopped`,
    );
    expect(await inspect(id, "{{range .Mounts}}{{.Name}}:{{.Destination}}{{end}}")).toContain(
      `${String(volume)}:/data`,
    );
    expect(await run("port", String(id), "80")).toBe(`127.0.0.1:${port}`);
    await until("an answer of the proxy", 20, async () => (await fetch(`http://127.0.0.1:${port}`)).status === 404);
  });

  it("shows no change by itself", async () => {
    expect((await stack.preview(program())).changes).toEqual({ same: 3 });
    expect((await stack.refresh()).changes).toEqual({ same: 3 });
    expect((await stack.preview(program())).changes).toEqual({ same: 3 });
  });

  it("is updated in place where Docker can", async () => {
    const { changes, outputs } = await stack.up(program({ memory: 96 }));
    expect(changes).toEqual({ same: 2, update: 1 });
    expect(outputs.id?.value).toBe(id);
    expect(await inspect(id, "{{.HostConfig.Memory}}")).toBe(String(96 * 1024 ** 2));
  });

  it("is set right again when it was changed by hand", async () => {
    await run("update", "--memory", "80m", "--memory-swap", "128m", String(id));
    expect((await stack.refresh()).changes).toEqual({ same: 2, update: 1 });
    expect((await stack.up(program({ memory: 96 }))).changes).toEqual({ same: 2, update: 1 });
    expect(await inspect(id, "{{.HostConfig.Memory}}")).toBe(String(96 * 1024 ** 2));
  });

  it("is deleted before its replacement, which takes the port over and finds its data", async () => {
    const replaced = program({ envs: ["A=1"] });
    expect((await stack.preview(replaced)).changes).toEqual({ same: 2, replace: 1 });
    const { changes, outputs, steps } = await stack.up(replaced);
    expect(changes).toEqual({ same: 2, replace: 1 });
    expect(steps.indexOf(`delete-replaced ${name("container")}`)).toBeLessThan(
      steps.indexOf(`create-replacement ${name("container")}`),
    );
    expect(outputs.volume?.value).toBe(volume);
    await expect(inspect(id, "{{.Id}}")).rejects.toThrow(/No such object/);
    id = outputs.id?.value;
    expect(await run("port", String(id), "80")).toBe(`127.0.0.1:${port}`);
  });

  it("gives way to a replacement that was started beside it where the program says so", async () => {
    const unpublished = { ports: [], envs: ["A=2"] };
    const { steps } = await stack.up(program(unpublished, { besideOld: true }));
    expect(steps.indexOf(`create-replacement ${name("container")}`)).toBeLessThan(
      steps.indexOf(`delete-replaced ${name("container")}`),
    );
    expect(steps).toContain(`create-replacement ${name("container")}`);
  });

  it("is made again when it was removed by hand", async () => {
    const unpublished = program({ ports: [], envs: ["A=2"] }, { besideOld: true });
    const [kept] = stack.kept("docker:index/container:Container");
    await run("rm", "--force", kept?.id ?? "");
    expect((await stack.refresh()).changes).toEqual({ same: 2, delete: 1 });
    expect((await stack.up(unpublished)).changes).toEqual({ same: 2, create: 1 });
  });

  it("goes with its network and its volume", async () => {
    expect((await stack.destroy()).changes).toEqual({ delete: 3 });
    for (const kind of ["container", "network", "volume"]) {
      const left = await run(
        kind,
        "ls",
        ...(kind === "container" ? ["--all"] : []),
        "--filter",
        `name=${stack.prefix}`,
      );
      expect(left.split("\n"), kind).toHaveLength(1); // The line of titles.
    }
  });
});

describe("networks and volumes", () => {
  const program = (internal: boolean) => () => {
    const bridge = new docker.Network(name("bridge"), { internal, labels });
    const volume = new docker.Volume(name("data"), { labels });
    return Promise.resolve({ bridge: bridge.name, volume: volume.name });
  };

  it("are made, and made again after they were removed by hand", async () => {
    const { outputs } = await stack.up(program(false));
    expect(await inspect(outputs.bridge?.value, "{{.Driver}} {{.Internal}}")).toBe("bridge false");
    await run("network", "rm", String(outputs.bridge?.value));
    await run("volume", "rm", String(outputs.volume?.value));
    expect((await stack.refresh()).changes).toEqual({ delete: 2 });
    expect((await stack.up(program(false))).changes).toEqual({ create: 2 });
  });

  it("are replaced by what can't be changed in place", async () => {
    const { changes, outputs } = await stack.up(program(true));
    expect(changes).toEqual({ same: 1, replace: 1 });
    expect(await inspect(outputs.bridge?.value, "{{.Internal}}")).toBe("true");
  });
});

describe("an image", () => {
  const tag = () => `${stack.prefix}-image:test`;
  const exists = async () => (await sh(["docker", "image", "inspect", tag()])).exitCode === 0;
  const program = (context: string, trigger: string) => () =>
    Promise.resolve({
      id: new docker.RemoteImage(name("image"), {
        name: tag(),
        build: { context, label: { "odoo-stacks.test": "plugins" } },
        triggers: { trigger },
        forceRemove: true,
      }).imageId,
    });

  it("is built, again when its trigger changes, and removed", async () => {
    const context = folderWith({ Dockerfile: "FROM scratch\nCOPY content /\n", content: "one" });
    const first = await stack.up(program(context, "1"));
    expect(await inspect(tag(), "{{.Id}}")).toBe(first.outputs.id?.value);
    expect((await stack.refresh()).changes).toEqual({ same: 1 });
    expect((await stack.up(program(context, "2"))).changes).toEqual({ replace: 1 });
    await must(["docker", "rmi", "--force", tag()]);
    expect((await stack.refresh()).changes).toEqual({ delete: 1 });
    await stack.up(program(context, "2"));
    expect((await stack.destroy()).changes).toEqual({ delete: 1 });
    expect(await exists()).toBe(false);
  });

  it("that the Engine has needs no registry", async () => {
    const present = await inspect(image, "{{index .RepoTags 0}}");
    const keep = () =>
      Promise.resolve({ id: new docker.RemoteImage(name("kept"), { name: present, keepLocally: true }).imageId });
    expect((await stack.up(keep)).outputs.id?.value).toBe(image);
    expect((await stack.up(keep)).changes).toEqual({ same: 1 });
    await stack.destroy();
    expect(await inspect(present, "{{.Id}}")).toBe(image);
  });
});

describe("a provider", () => {
  const program = (settings: docker.ProviderArgs) => () => {
    const provider = new docker.Provider(name("provider"), settings);
    const volume = new docker.Volume(name("there"), { labels }, { provider });
    const bridge = docker.getNetworkOutput({ name: "bridge" }, { provider });
    return Promise.resolve({ volume: volume.name, bridge: bridge.id });
  };

  it("says which Engine it can't reach", async () => {
    await expect(stack.up(program({ host: "unix:///nonexistent.sock" }))).rejects.toThrow(/nonexistent\.sock/);
  });

  it("reaches an Engine over SSH, and looks up what is there", async () => {
    const ssh = await startSshServer();
    try {
      const sshOpts = ["-i", ssh.keyFile, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
      const host = `ssh://${ssh.user}@${ssh.host}:${ssh.port}`;
      const { outputs } = await stack.up(program({ host, sshOpts }));
      expect(await inspect(outputs.volume?.value, "{{.Driver}}")).toBe("local");
      expect(outputs.bridge?.value).toBe(await run("network", "inspect", "--format", "{{.Id}}", "bridge"));
      await stack.destroy();
    } finally {
      ssh.stop();
    }
  });
});
