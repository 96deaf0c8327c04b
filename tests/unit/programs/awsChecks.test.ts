import { describe, expect, it } from "vitest";
import { awsMachinesOf } from "../../../infra/config/awsMachines";
import { requireSameArchitecture } from "../../../infra/programs/awsChecks";
import { publicKeyOf } from "../../../infra/programs/publicKey";
import { publicKey, writtenForAws } from "../../support/awsPlatform";
import { folderWith } from "../../support/folders";
import { loadConfig } from "../../../infra/config/load";
import { problemsOf } from "../config/given";

const machines = (type: string) => {
  const config = loadConfig(writtenForAws({ machines: { main: { type } } }), []);
  if (config.kind !== "platform" || !config.aws) throw new Error("not a platform on AWS");
  return awsMachinesOf("acme", { ...config, aws: config.aws });
};

describe("images that are made on this computer", () => {
  it.each([
    ["t3.medium", "x64"],
    ["t4g.medium", "arm64"],
  ])("run on %s from %s", (type, here) => {
    expect(problemsOf(() => requireSameArchitecture(machines(type), here))).toEqual([]);
  });

  it.each([
    ["t4g.medium", "x64", "types for amd64, since images are made on this computer and copied", "t3.medium"],
    ["m7i.large", "arm64", "types for arm64, since images are made on this computer and copied", "t4g.medium"],
  ])("don't run on %s from %s", (type, here, expected, meant) => {
    const [problem] = problemsOf(() => requireSameArchitecture(machines(type), here));
    expect(problem).toMatchObject({ path: "aws.machines", expected });
    expect(problem?.hint).toContain(meant);
  });
});

describe("the public key of a platform", () => {
  const folder = () =>
    folderWith({ "id.pub": `${publicKey}\n`, "other.pub": "ecdsa-sha2-nistp256 AAAA", "empty.pub": "" });

  it("is what is written, or in the file that is named", () => {
    expect(publicKeyOf(publicKey)).toBe(publicKey);
    expect(publicKeyOf(`${folder()}/id.pub`)).toBe(publicKey);
  });

  it.each(["other.pub", "empty.pub", "none.pub"])("is missed where there is none: %s", (file) => {
    const files = folder();
    const [problem] = problemsOf(() => publicKeyOf(`${files}/${file}`));
    expect(problem).toMatchObject({
      path: "aws.publicKey",
      hint: `ssh-keygen -t ed25519 -f ${files}/${file.replace(".pub", "")}`,
    });
  });
});
