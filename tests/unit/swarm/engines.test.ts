import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findContainers, managerEnv, onManager, otherEngines, useEngines } from "../../../infra/swarm/engines";

/** What each Engine answers; the own one has no name. One that is not there does not answer. */
const answers = vi.hoisted(() => new Map<string, string>());
const asked = vi.hoisted(() => [] as (readonly string[])[]);

vi.mock("../../../infra/core/exec", () => ({
  attempt: (argv: readonly string[]) => {
    asked.push(argv);
    const stdout = answers.get(argv[1] === "--host" ? (argv[2] ?? "") : "");
    return Promise.resolve({
      exitCode: stdout === undefined ? 1 : 0,
      stdout: stdout ?? "",
      stderr: "no route to host\n",
    });
  },
}));

const [web, db] = ["ssh://root@10.0.0.10:22", "ssh://root@10.0.0.11:22"];

beforeEach(() => {
  answers.clear();
  asked.length = 0;
});
afterEach(() => useEngines({ others: [] }));

describe("the manager", () => {
  it("is the own machine where nothing else is known", () => {
    expect(onManager(["docker", "service", "ls"])).toEqual(["docker", "service", "ls"]);
    expect(managerEnv()).toEqual({});
  });

  it("is reached by its Engine from another machine", () => {
    useEngines({ manager: web, others: [web] });
    expect(onManager(["docker", "service", "ls"])).toEqual(["docker", "--host", web, "service", "ls"]);
    expect(managerEnv()).toEqual({ DOCKER_HOST: web });
    expect(otherEngines()).toEqual([web]);
  });
});

describe("containers", () => {
  it("are looked for on the own machine alone where there are no others", async () => {
    answers.set("", "1a\n2b\n");
    expect(await findContainers(["a=1"], { all: true, status: "exited" })).toEqual(["1a", "2b"]);
    expect(asked).toEqual([
      ...[["docker", "ps", "--quiet", "--no-trunc", "--all", "--filter", "label=a=1", "--filter", "status=exited"]],
    ]);
  });

  it("are found on every machine, the own one first, each named with its Engine", async () => {
    useEngines({ manager: web, others: [web, db] });
    answers.set("", "1a\n").set(web, "2b\n3c\n").set(db, "");
    expect(await findContainers(["a=1"])).toEqual(["1a", `${web}#2b`, `${web}#3c`]);
  });

  it("are found although a machine does not answer", async () => {
    useEngines({ others: [web, db] });
    answers.set("", "").set(db, "4d\n");
    expect(await findContainers(["a=1"])).toEqual([`${db}#4d`]);
  });

  it("are not said to be gone when a machine that may have them does not answer", async () => {
    useEngines({ others: [web, db] });
    answers.set("", "").set(web, "");
    await expect(findContainers(["a=1"])).rejects.toThrow(`Docker does not answer at ${db}: no route to host`);
    answers.clear();
    await expect(findContainers(["a=1"])).rejects.toThrow("Docker does not answer: no route to host");
  });
});
