import { beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../../infra/core/exec";
import { updateNode } from "../../../infra/swarm/updateNode";

vi.mock("../../../infra/core/exec", () => ({ run: vi.fn() }));

const between = new Error("rpc error: code = Unknown desc = update out of sequence");

describe("a change of a node", () => {
  const docker = vi.mocked(run);
  beforeEach(() => {
    docker.mockReset();
  });

  it("is given to Docker, the node last", async () => {
    docker.mockResolvedValue("node-1");
    await updateNode("node-1", ["--label-rm", "odoo-stacks.proxy"], { DOCKER_HOST: "ssh://main" });
    expect(docker.mock.calls).toEqual([
      [
        ["docker", "node", "update", "--label-rm", "odoo-stacks.proxy", "node-1"],
        { env: { DOCKER_HOST: "ssh://main" }, timeoutSeconds: 60 },
      ],
    ]);
  });

  it("is made again where somebody else's came between", async () => {
    docker.mockRejectedValueOnce(between).mockRejectedValueOnce(between).mockResolvedValue("node-1");
    await updateNode("node-1", ["--label-add", "odoo-stacks.proxy=true"]);
    expect(docker).toHaveBeenCalledTimes(3);
  });

  it("fails in the end where one always does", async () => {
    docker.mockRejectedValue(between);
    await expect(updateNode("node-1", [])).rejects.toThrow("out of sequence");
    expect(docker).toHaveBeenCalledTimes(10);
  });

  it("fails at once for any other reason", async () => {
    docker.mockRejectedValue(new Error("no such node"));
    await expect(updateNode("node-1", [])).rejects.toThrow("no such node");
    expect(docker).toHaveBeenCalledTimes(1);
  });
});
