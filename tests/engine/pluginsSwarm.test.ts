import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serviceArgs, type ServiceSpec } from "../../components/core/service";
import { ensureImage } from "../../infra/images";
import { docker as run } from "../support/docker";
import { PluginStack } from "../support/pluginStack";
import { until } from "../support/until";

/** The plugin `docker` on the real engine and a real Swarm: services with the arguments that the components give them. */
let stack: PluginStack;
let image: string;

beforeAll(async () => {
  stack = await PluginStack.create();
  image = (await ensureImage("postgres", (line) => console.log(line))).id;
});
afterAll(() => stack.remove());

const labels = [{ label: "odoo-stacks.test", value: "plugins" }];
const inspect = (id: unknown, format: string) => run("inspect", "--format", format, String(id));
const name = (role: string) => `${stack.prefix}-${role}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A network, a volume, a secret, a config and a service that uses all of them. */
const program = (change: { readonly config?: string; readonly env?: string } = {}) => {
  return () => {
    const network = new docker.Network(name("net"), { driver: "overlay", attachable: true, internal: true, labels });
    const volume = new docker.Volume(name("vol"), { labels });
    const password = new random.RandomPassword(name("password"), { length: 20, special: false });
    const secret = new docker.Secret(name("secret"), { data: password.result.apply(base64), labels });
    const config = new docker.ServiceConfig(name("config"), { data: base64(change.config ?? "one"), labels });
    const spec: ServiceSpec = {
      stack: stack.prefix,
      role: "job",
      image,
      args: ["sleep", "1000"],
      env: { STEP: change.env ?? "1" },
      secrets: [{ source: secret, path: "/run/secrets/password", uid: 100, gid: 101 }],
      configs: [{ source: config, path: "/etc/test.conf", uid: 100, gid: 101 }],
      volumes: [{ name: volume.name, path: "/data" }],
      sharedMemoryBytes: 32 * 1024 ** 2,
      networks: [{ id: network.id, aliases: ["alias"] }],
      constraints: ["node.role==manager"],
      health: { command: "test -s /run/secrets/password", intervalSeconds: 1, startPeriodSeconds: 90, retries: 3 },
      stopGraceSeconds: 5,
      memoryBytes: 64 * 1024 ** 2,
      logs: { maxBytes: 1_000_000, maxFiles: 3 },
    };
    const args = serviceArgs(spec);
    const service = new docker.Service(
      name("service"),
      {
        ...args,
        // The image's own program is a database; one that only sleeps will do.
        taskSpec: pulumi
          .output(args.taskSpec)
          .apply((task) => ({ ...task, containerSpec: { ...task.containerSpec, commands: ["env"] } })),
      },
      { replaceOnChanges: ["taskSpec"], deleteBeforeReplace: false },
    );
    service.id.apply((id) => (seen = id));
    return Promise.resolve({ service: service.name, config: config.name, password: password.result });
  };
};
const count = 6;
let seen: string | undefined;
let service: string;

/** The running container of a service, once it is healthy. */
const healthy = (of: string): Promise<string> =>
  until(`a healthy container of ${of}`, 60, () =>
    run("ps", "--quiet", "--filter", `label=com.docker.swarm.service.name=${of}`, "--filter", "health=healthy"),
  );

it("is not known before it is made", async () => {
  expect((await stack.preview(program())).changes).toEqual({ create: count });
  expect(seen).toBeUndefined();
});

it("runs with everything that it was declared with", async () => {
  const { changes, outputs } = await stack.up(program());
  expect(changes).toEqual({ create: count });
  service = String(outputs.service?.value);
  const container = await healthy(service);
  const shell = (command: string) => run("exec", container, "sh", "-c", command);
  expect(await shell("stat -c '%u:%g:%a' /run/secrets/password /etc/test.conf")).toBe("100:101:400\n100:101:444");
  expect(await shell("cat /run/secrets/password")).toBe(outputs.password?.value);
  expect(await shell("cat /etc/test.conf; echo; echo $STEP")).toBe("one\n1");
  expect(await shell("df --output=size /dev/shm | tail -1")).toBe(String(32 * 1024));
  expect(await shell("getent hosts alias | cut -d' ' -f1")).toBe(await shell("hostname -i"));
  expect(await inspect(container, "{{.HostConfig.Memory}}")).toBe(String(64 * 1024 ** 2));
  expect(await inspect(container, "{{json .HostConfig.LogConfig}}")).toBe(
    '{"Type":"json-file","Config":{"labels":"odoo-stacks.stack,odoo-stacks.role","max-file":"3","max-size":"1000000"}}',
  );
  expect(await inspect(container, "{{range .Mounts}}{{.Destination}} {{end}}")).toMatch(/(^| )\/data( |$)/);
  expect(await run("service", "inspect", "--format", "{{.Spec.TaskTemplate.Placement.Constraints}}", service)).toBe(
    "[node.role==manager]",
  );
});

it("shows no change by itself", async () => {
  expect((await stack.preview(program())).changes).toEqual({ same: count });
  expect((await stack.refresh()).changes).toEqual({ same: count });
  expect((await stack.preview(program())).changes).toEqual({ same: count });
  expect((await stack.up(program())).changes).toEqual({ same: count });
});

it("keeps a secret's content encrypted in the state and out of Docker's answers", async () => {
  const [secret] = stack.kept("docker:index/secret:Secret");
  expect(secret?.inputs?.data).toHaveProperty("ciphertext");
  expect(secret?.outputs?.data).toHaveProperty("ciphertext");
  expect(await run("secret", "inspect", secret?.id ?? "")).not.toContain('"Data"');
});

it("is replaced by a new one that was started beside it", async () => {
  const old = service;
  const up = stack.up(program({ env: "2" }));
  await until("both services at once", 60, async () => {
    const names = await run("service", "ls", "--format", "{{.Name}}", "--filter", `name=${name("service")}`);
    return names.includes(old) && names.split("\n").length === 2;
  });
  const { changes, outputs, steps } = await up;
  expect(changes).toEqual({ same: count - 1, replace: 1 });
  service = String(outputs.service?.value);
  expect(service).not.toBe(old);
  expect(steps.at(-1)).toBe(`delete-replaced ${name("service")}`);
  await healthy(service);
  expect(await run("ps", "--all", "--quiet", "--filter", `label=com.docker.swarm.service.name=${old}`)).toBe("");
});

it("gets a changed config as a new one, and the old one goes last", async () => {
  const { changes, outputs, steps } = await stack.up(program({ env: "2", config: "two" }));
  expect(changes).toEqual({ same: count - 2, replace: 2 });
  expect(steps.slice(-2)).toEqual([`delete-replaced ${name("service")}`, `delete-replaced ${name("config")}`]);
  service = String(outputs.service?.value);
  expect(await run("exec", await healthy(service), "cat", "/etc/test.conf")).toBe("two");
});

it("is replaced after it was changed by hand, and made again after it was removed by hand", async () => {
  await run("service", "update", "--detach", "--env-add", "STRAY=1", service);
  expect((await stack.refresh()).changes).toEqual({ same: count - 1, update: 1 });
  const righted = await stack.up(program({ env: "2", config: "two" }));
  expect(righted.changes).toEqual({ same: count - 1, replace: 1 });
  await run("service", "rm", String(righted.outputs.service?.value));
  expect((await stack.refresh()).changes).toEqual({ same: count - 1, delete: 1 });
  expect((await stack.up(program({ env: "2", config: "two" }))).changes).toEqual({ same: count - 1, create: 1 });
});

it("goes with everything that it used", async () => {
  expect((await stack.destroy()).changes).toEqual({ delete: count });
  for (const kind of ["service", "network", "volume", "secret", "config"]) {
    expect(await run(kind, "ls", "--quiet", "--filter", `name=${stack.prefix}`), kind).toBe("");
  }
});
