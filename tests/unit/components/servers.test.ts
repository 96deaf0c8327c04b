import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JoinInput } from "../../../infra/commands/steps/join";
import type { MachineInput } from "../../../infra/commands/steps/machine";
import type { PeersInput } from "../../../infra/commands/steps/peers";
import type { SwarmInput } from "../../../infra/commands/steps/swarm";
import { loadConfig } from "../../../infra/config/load";
import type { Platform } from "../../../infra/config/platformOutput";
import type { PlatformConfig } from "../../../infra/config/schema";
import { deployPlatform } from "../../../infra/programs/platform";
import type { SwarmNode } from "../../../infra/swarm/places";
import { servers } from "../../support/fakeServer";
import { record, type Recording, tree } from "../../support/mocks";

vi.mock("../../../infra/targets/servers", async () => ({
  ServerTarget: (await vi.importActual<{ FakeServer: unknown }>("../../support/fakeServer")).FakeServer,
}));

const machines = {
  db: { name: "db", address: "203.0.113.11", privateAddress: "10.0.0.11", roles: ["database"], dataDisk: "/dev/vdb" },
  web: { name: "web", address: "203.0.113.10", privateAddress: "10.0.0.10", roles: ["production"], swap: "2 GB" },
  secondWeb: { name: "web-2", address: "10.0.0.13", user: "deploy", port: 2222, roles: ["production"] },
  test: { name: "test", address: "10.0.0.12", roles: ["nonproduction"] },
};
const engines = {
  db: "ssh://root@203.0.113.11:22",
  web: "ssh://root@203.0.113.10:22",
  secondWeb: "ssh://deploy@10.0.0.13:2222",
  test: "ssh://root@10.0.0.12:22",
};

function declare(topology: string, list: readonly object[], more: Record<string, string> = {}): Promise<Recording> {
  const proxy = JSON.stringify({ bind: "0.0.0.0", httpPort: 80, httpsPort: 443 });
  const written = { kind: "platform", target: "servers", topology, machines: JSON.stringify(list), proxy, ...more };
  return record(() => deployPlatform("acme-platform", loadConfig(written, []) as PlatformConfig), {
    stack: "acme-platform",
  });
}

const inputOf = (platform: Recording, step: string): unknown =>
  JSON.parse(platform.named(`acme-platform-${step}`).inputs.stdin as string);
const outputOf = (platform: Recording): Platform => platform.outputs.platform as Platform;

afterEach(() => servers.clear());

describe("split-database on machines of the user's own", () => {
  let platform: Recording;
  beforeAll(async () => {
    servers.facts.set("203.0.113.11", { cores: 16, memoryBytes: 64 * 1024 ** 3 });
    platform = await declare("split-database", [machines.db, machines.web, machines.test]);
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/servers-split-database.txt");
  });

  it("prepares each machine, and closes Swarm's ports to all but the others", () => {
    const input = (name: string) => inputOf(platform, `${name}-prepared`) as MachineInput;
    expect(input("db")).toMatchObject({
      machine: { name: "db", address: "203.0.113.11", user: "root", port: 22 },
      ...{ peers: ["10.0.0.10", "10.0.0.12"], swapMegabytes: 0, dataDisk: "/dev/vdb" },
    });
    expect(input("web")).toMatchObject({ peers: ["10.0.0.11", "10.0.0.12"], swapMegabytes: 2048, dataDisk: "" });
    expect(input("test").peers).toEqual(["10.0.0.10", "10.0.0.11"]);
    // Another version of the script runs again.
    expect(input("test").script).toMatch(/^[0-9a-f]{12}$/);
  });

  it("tells each machine how the others are reached, and pins the keys that were found on them", () => {
    const { peers, ...input } = inputOf(platform, "db-peers") as PeersInput;
    expect(peers).toEqual([
      { name: "web", address: "10.0.0.10", user: "root", port: 22, hostKey: "ssh-ed25519 host-key-of-web" },
      { name: "test", address: "10.0.0.12", user: "root", port: 22, hostKey: "ssh-ed25519 host-key-of-test" },
    ]);
    expect(input).toMatchObject({ platform: "acme-platform", manager: "web", machine: { name: "db" } });
  });

  it("lets machines with an Odoo reach the Engines of the others, since operators work there, and no other machine", () => {
    const allowed = (name: string) => (inputOf(platform, `${name}-peers`) as PeersInput).allowed;
    expect(allowed("db")).toEqual(["ssh-ed25519 key-of-web", "ssh-ed25519 key-of-test"]);
    expect(allowed("web")).toEqual(["ssh-ed25519 key-of-test"]);
    expect(allowed("test")).toEqual(["ssh-ed25519 key-of-web"]);
  });

  it("introduces machines once all are prepared, and before there is a Swarm", () => {
    for (const name of ["db", "web", "test"]) {
      const before = platform.before(`acme-platform-${name}-peers`);
      for (const other of ["db", "web", "test"]) expect(before).toContain(`acme-platform-${other}-prepared`);
      expect(platform.before("acme-platform-swarm")).toContain(`acme-platform-${name}-peers`);
    }
  });

  it("makes the Swarm on the machine with the proxy, and has the others join it one after the other", () => {
    expect(inputOf(platform, "swarm") as SwarmInput).toEqual({
      ...{ dockerHost: engines.web, advertise: "10.0.0.10" },
      nodeLabels: {
        ...{ "odoo-stacks.machine": "web", "odoo-stacks.production": "true", "odoo-stacks.proxy": "true" },
      },
    });
    expect(inputOf(platform, "db-joined") as JoinInput).toEqual({
      ...{ manager: engines.web, managerAddress: "10.0.0.10" },
      ...{ name: "db", dockerHost: engines.db, advertise: "10.0.0.11", manages: true },
      nodeLabels: { "odoo-stacks.machine": "db", "odoo-stacks.database": "true" },
    });
    expect(inputOf(platform, "test-joined")).toMatchObject({
      nodeLabels: { "odoo-stacks.machine": "test", "odoo-stacks.nonproduction": "true" },
    });
    expect(platform.before("acme-platform-db-joined")).toContain("acme-platform-swarm");
    expect(platform.before("acme-platform-test-joined")).toContain("acme-platform-db-joined");
  });

  it("encrypts what machines tell each other, unless it is not to", async () => {
    const edge = (from: Recording) => from.named("acme-platform-edge").inputs;
    expect(edge(platform)).toMatchObject({ driver: "overlay", options: { encrypted: "true" } });
    expect(outputOf(platform).network.encrypted).toBe(true);
    const open = await declare("split-database", [machines.db, machines.web], { network: '{"encrypted":false}' });
    expect(edge(open)).not.toHaveProperty("options");
    expect(outputOf(open).network.encrypted).toBe(false);
  });

  it("tells environments of all machines, each with what it has, and where each stage belongs", () => {
    const { machines: listed, placement, docker, proxy } = outputOf(platform);
    expect(listed.map(({ name, dockerHost, cores }) => [name, dockerHost, cores])).toEqual([
      ["web", engines.web, 4],
      ["db", engines.db, 16],
      ["test", engines.test, 4],
    ]);
    expect(listed[1]?.memoryBytes).toBe(64 * 1024 ** 3);
    expect(placement).toEqual({
      production: { database: "db", web: ["web"] },
      staging: { database: "test", web: ["test"] },
      development: { database: "test", web: ["test"] },
    });
    expect(docker.host).toBe(engines.web);
    expect(proxy.address).toBe("http://203.0.113.10:80");
  });
});

describe("load-balanced production on machines of the user's own", () => {
  const all = [machines.db, machines.web, machines.secondWeb, machines.test];
  let platform: Recording;
  beforeAll(async () => {
    platform = await declare("load-balanced-production", all);
  });

  it("declares what the golden file lists, and nothing else", async () => {
    await expect(tree(platform.resources)).toMatchFileSnapshot("golden/servers-load-balanced-production.txt");
  });

  it("has a web container on each web machine, the one with the proxy first", () => {
    expect(outputOf(platform).placement.production).toEqual({ database: "db", web: ["web", "web-2"] });
    expect(inputOf(platform, "web-2-joined")).toMatchObject({
      ...{ dockerHost: engines.secondWeb, advertise: "10.0.0.13" },
      nodeLabels: { "odoo-stacks.machine": "web-2", "odoo-stacks.production": "true" },
    });
  });

  it("has three managers, so that the loss of any one leaves a majority", () => {
    const joined = (name: string) => (inputOf(platform, `${name}-joined`) as JoinInput).manages;
    expect(["db", "web-2", "test"].map(joined)).toEqual([true, true, false]);
  });

  it("lets both web machines and that of the other stages reach PostgreSQL's", () => {
    expect((inputOf(platform, "db-peers") as PeersInput).allowed).toEqual([
      ...["ssh-ed25519 key-of-web", "ssh-ed25519 key-of-web-2", "ssh-ed25519 key-of-test"],
    ]);
    expect((inputOf(platform, "web-peers") as PeersInput).peers).toContainEqual({
      ...{ name: "web-2", address: "10.0.0.13", user: "deploy", port: 2222 },
      hostKey: "ssh-ed25519 host-key-of-web-2",
    });
  });

  it("has its Swarm and proxy where that is written, and the machine there need carry nothing else", async () => {
    const front = { name: "front", address: "203.0.113.9", roles: ["proxy"] };
    const fronted = await declare("load-balanced-production", [...all, front]);
    expect(inputOf(fronted, "swarm")).toMatchObject({
      nodeLabels: { "odoo-stacks.machine": "front", "odoo-stacks.proxy": "true" },
    });
    expect(outputOf(fronted)).toMatchObject({ proxy: { address: "http://203.0.113.9:80" } });
    expect(outputOf(fronted).machines.map(({ name }) => name)).toEqual(["front", "db", "web", "web-2", "test"]);
    // No operator works there.
    expect((inputOf(fronted, "db-peers") as PeersInput).allowed).toHaveLength(3);
  });
});

describe("two machines", () => {
  it("have one manager: of two, the loss of either would leave none", async () => {
    const platform = await declare("split-database", [machines.db, machines.web]);
    expect((inputOf(platform, "db-joined") as JoinInput).manages).toBe(false);
    // Production's machine carries the other stages as well.
    expect(outputOf(platform).placement.staging).toEqual({ database: "web", web: ["web"] });
  });
});

describe("a platform that grows", () => {
  it("stays the same to Pulumi: what one machine has declared is declared under the same names", async () => {
    const before = await declare("single-host", [{ ...machines.web, roles: undefined }]);
    const after = await declare("split-database", [machines.db, machines.web, machines.test]);
    const names = after.resources.map(({ type, name }) => `${type} ${name}`);
    const topology = /topologies:(SingleHost|SplitDatabase) /;
    for (const { type, name } of before.resources.filter((one) => !topology.test(`${one.type} `))) {
      expect(names).toContain(`${type} ${name}`);
    }
  });
});

describe("a platform while one of its machines is down", () => {
  const all = [machines.db, machines.web, machines.secondWeb, machines.test];
  const up = (list: readonly object[] = all) => declare("load-balanced-production", list);
  const warn = vi.spyOn(pulumi.log, "warn");
  const own = ["web-2-prepared", "web-2-peers", "web-2-joined"];
  const inputs = (platform: Recording) => Object.fromEntries(platform.resources.map((one) => [one.name, one.inputs]));
  const ignoring = (platform: Recording) =>
    platform.resources.filter(({ ignoreChanges }) => ignoreChanges.includes("stdin")).map(({ name }) => name);

  beforeEach(async () => {
    warn.mockReset().mockResolvedValue();
    servers.facts.set("10.0.0.13", { cores: 2, memoryBytes: 8 * 1024 ** 3 });
    servers.addPlatform("acme-platform", outputOf(await up()));
    servers.facts.clear();
  });

  it("goes on with what it knew of it, and leaves it as it is, whatever changes on it", async () => {
    const before = outputOf(await up());
    servers.facts.set("10.0.0.13", { cores: 2, memoryBytes: 8 * 1024 ** 3 });
    servers.silent.add(engines.secondWeb);
    const platform = await up();
    expect(outputOf(platform).machines.find(({ name }) => name === "web-2")).toMatchObject({
      ...{ cores: 2, memoryBytes: 8 * 1024 ** 3, dockerHost: engines.secondWeb },
    });
    expect(outputOf(platform).placement).toEqual(before.placement);
    expect(ignoring(platform)).toEqual(expect.arrayContaining(own.map((name) => `acme-platform-${name}`)));
    expect(ignoring(platform)).toHaveLength(own.length);
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(/^web-2 does not answer \(no answer\)\. The platform goes on without it/),
    ]);
  });

  it("is as before when the machine is back", async () => {
    const before = await up();
    servers.silent.add(engines.secondWeb);
    await up();
    servers.silent.clear();
    const back = await up();
    expect(inputs(back)).toEqual(inputs(before));
    expect(ignoring(back)).toEqual([]);
  });

  it("goes on without a machine that is taken out of the list while it does not answer", async () => {
    servers.silent.add(engines.test);
    const platform = await up([machines.db, machines.web, machines.secondWeb]);
    expect(ignoring(platform)).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("fails where it is the manager, or one that is new", async () => {
    servers.silent.add(engines.web);
    await expect(up()).rejects.toThrow(/The machine web can't be reached[^]*no answer/);
    servers.silent.clear();
    servers.silent.add("ssh://root@10.0.0.14:22");
    await expect(up([...all, { name: "web-3", address: "10.0.0.14", roles: ["production"] }])).rejects.toThrow(
      /The machine web-3 can't be reached/,
    );
  });

  it("prepares one once more, and has it join again, that answers but has gone from the Swarm", async () => {
    const node = (machine: string, state = "ready"): SwarmNode => ({
      ...{ id: machine, machine, labels: {}, role: "manager", state, availability: "active" },
    });
    servers.nodes = [node("web"), node("db"), node("test"), node("web-2", "down")];
    const isAnew = (platform: Recording, name: string) =>
      ["prepared", "peers", "joined"].map((step) => (inputOf(platform, `${name}-${step}`) as { anew?: true }).anew);
    const platform = await up();
    expect(isAnew(platform, "web-2")).toEqual([true, true, true]);
    expect(isAnew(platform, "db")).toEqual([undefined, undefined, undefined]);
    servers.nodes = servers.nodes.slice(0, 3);
    expect(isAnew(await up(), "web-2")).toEqual([true, true, true]);
    // It would be waited for.
    servers.silent.add(engines.secondWeb);
    expect(isAnew(await up(), "web-2")).toEqual([undefined, undefined, undefined]);
  });
});

describe("a platform that gets smaller", () => {
  const node = (machine: string, labels: Record<string, string>): SwarmNode => ({
    ...{ id: machine, machine, labels, role: "manager", state: "ready", availability: "active" },
  });

  it("is refused, before anything changes, to lose a machine with data", async () => {
    servers.nodes = [node("web", {}), node("old", { "odoo-stacks.database.acme-prod": "true" })];
    await expect(declare("single-host", [{ ...machines.web, roles: undefined }])).rejects.toThrow(
      /would lose a machine with data[\s\S]*old among them, because it has data of acme-prod[\s\S]*move-database/,
    );
  });

  it("may lose one without, or with files that others have as well", async () => {
    servers.nodes = [node("web", {}), node("old", { "odoo-stacks.files.acme-prod": "shared" })];
    const platform = await declare("single-host", [{ ...machines.web, roles: undefined }]);
    expect(outputOf(platform).machines).toHaveLength(1);
  });
});
