import { describe, expect, it } from "vitest";
import * as docker from "../../../infra/commands/docker";

describe("argument lists of docker", () => {
  it("ask for containers that carry every label", () => {
    expect(docker.containersWithLabels(["a=1", "b=2"])).toEqual([
      ...["docker", "ps", "--quiet", "--no-trunc", "--filter", "label=a=1", "--filter", "label=b=2"],
    ]);
    expect(docker.containersWithLabels([], true)).toEqual(["docker", "ps", "--quiet", "--no-trunc", "--all"]);
  });

  it("pass a command on as it is, and standard input only where asked", () => {
    expect(docker.exec("c", ["psql", "-c", "SELECT 'a b'"])).toEqual([
      "docker",
      "exec",
      "c",
      "psql",
      "-c",
      "SELECT 'a b'",
    ]);
    expect(docker.exec("c", ["cat"], true)).toEqual(["docker", "exec", "--interactive", "c", "cat"]);
  });

  it("make a Swarm that listens on one address alone", () => {
    expect(docker.swarmInit("127.0.0.1")).toEqual([
      ...["docker", "swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377"],
    ]);
    // What others use may be the address of a gateway.
    expect(docker.swarmInit("203.0.113.10").slice(3)).toEqual([
      ...["--advertise-addr", "203.0.113.10", "--listen-addr", "0.0.0.0:2377"],
    ]);
    expect(docker.swarmLeave()).toEqual(["docker", "swarm", "leave", "--force"]);
  });

  it("run a job that is removed when it ends, reads standard input and publishes nothing", () => {
    const argv = docker.runJob({
      name: "acme-job",
      image: "sha256:1",
      network: "acme-network",
      volumes: ["files:/var/lib/odoo"],
      labels: { "odoo-stacks.stack": "acme" },
      command: ["python3", "-c", "print(1)"],
    });
    expect(argv).toEqual([
      ...["docker", "run", "--rm", "--init", "--interactive", "--name", "acme-job", "--network", "acme-network"],
      ...[
        "--volume",
        "files:/var/lib/odoo",
        "--label",
        "odoo-stacks.stack=acme",
        "sha256:1",
        "python3",
        "-c",
        "print(1)",
      ],
    ]);
  });
});

describe("a container on another machine", () => {
  const engine = "ssh://root@10.0.0.11:22";
  const container = docker.inEngine(engine, "1a2b3c");

  it("is named with its Engine, one on the own machine by its ID alone", () => {
    expect(docker.inEngine(undefined, "1a2b3c")).toBe("1a2b3c");
    expect(docker.containerAt("1a2b3c")).toEqual({ id: "1a2b3c" });
    expect(docker.containerAt("acme-platform-proxy-1a2b3c4")).toEqual({ id: "acme-platform-proxy-1a2b3c4" });
  });

  it.each([engine, "ssh://web-2", "ssh://deploy@[2001:db8::1]:2222", "unix:///var/run/docker.sock"])(
    "is found again by its name: at %s",
    (host) => {
      expect(docker.containerAt(docker.inEngine(host, "1a2b3c"))).toEqual({ engine: host, id: "1a2b3c" });
    },
  );

  it("is reached through its Engine, by its ID", () => {
    const inspect = (id: string) => ["docker", "inspect", id];
    expect(docker.onContainer(container, inspect)).toEqual(["docker", "--host", engine, "inspect", "1a2b3c"]);
    expect(docker.onContainer("1a2b3c", inspect)).toEqual(["docker", "inspect", "1a2b3c"]);
  });

  it("runs commands as one on the own machine does", () => {
    expect(docker.exec(container, ["cat"], true)).toEqual([
      ...["docker", "--host", engine, "exec", "--interactive", "1a2b3c", "cat"],
    ]);
  });
});

describe("a command for an Engine", () => {
  it("names it, unless it is the own one", () => {
    expect(docker.onEngine("ssh://db", ["docker", "ps"])).toEqual(["docker", "--host", "ssh://db", "ps"]);
    expect(docker.onEngine(undefined, ["docker", "ps"])).toEqual(["docker", "ps"]);
    expect(docker.onEngine("", ["docker", "ps"])).toEqual(["docker", "ps"]);
  });
});
