import { describe, expect, it } from "vitest";
import * as argv from "../../../infra/images/argv";

describe("docker's arguments for images", () => {
  it("build on the machine's own network, with arguments and labels", () => {
    const what = { context: "/c", tag: "t:1", args: { BASE: "debian base" }, labels: { "odoo-stacks.image": "odoo" } };
    expect(argv.build(what)).toEqual([
      ...["docker", "build", "--network", "host", "--force-rm", "--tag", "t:1"],
      ...["--build-arg", "BASE=debian base", "--label", "odoo-stacks.image=odoo", "/c"],
    ]);
  });

  it("import an archive with its labels", () => {
    expect(argv.importArchive("/r.tar", "t:1", { a: "b" })).toEqual([
      ...["docker", "import", "--change", "LABEL a=b", "/r.tar", "t:1"],
    ]);
  });

  it("run Python without network, in a container that goes", () => {
    expect(argv.runPython("sha256:1", "print(1)")).toEqual([
      ...["docker", "run", "--rm", "--network", "none", "--label", "odoo-stacks.role=job", "--entrypoint", "python3"],
      ...["sha256:1", "-c", "print(1)"],
    ]);
  });

  it("copy a file out of an image that is never run", () => {
    expect(argv.createContainer("i")).toEqual(["docker", "create", "i", "none"]);
    expect(argv.copyOut("c", "/bin/x", "/tmp/x")).toEqual(["docker", "cp", "c:/bin/x", "/tmp/x"]);
    expect(argv.removeContainer("c")).toEqual(["docker", "rm", "--force", "--volumes", "c"]);
  });

  it("ask for what is there", () => {
    expect(argv.imageId("t:1")).toEqual(["docker", "image", "inspect", "--format", "{{.Id}}", "t:1"]);
    expect(argv.pull("odoo:19.0")).toEqual(["docker", "pull", "odoo:19.0"]);
    expect(argv.dataRoot()).toEqual(["docker", "info", "--format", "{{.DockerRootDir}}"]);
  });
});
