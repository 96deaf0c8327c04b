import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objectsNamed } from "../support/docker";
import { Project, type StackValues } from "../support/project";

describe("a platform's configuration that can't work", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.linked();
    project.write(project.platform, project.platformValues());
  });
  afterAll(() => project.remove());

  /** What `pulumi up` of a stack with these values says; it has to fail and to change nothing. */
  async function refusal(stack: string, values: StackValues, env: Record<string, string> = {}): Promise<string> {
    project.write(stack, values);
    const made = await project.pulumi(["stack", "select", "--create", stack]);
    expect(made.exitCode, made.all).toBe(0);
    const before = await objectsNamed(project.name);
    const result = await project.pulumi(["up", "--yes", "--stack", stack], { env });
    expect(result.exitCode, result.all).not.toBe(0);
    expect(await objectsNamed(project.name)).toEqual(before);
    expect(result.all).not.toMatch(/^\s+at .*\.(ts|js):\d+/m);
    return result.all;
  }

  it("is refused in one go: topology, target and misspelt keys, each with the nearest right one", async () => {
    const said = await refusal(project.platform, {
      ...{ kind: "platform", topology: "singel-host", target: "lokal" },
      ...{ proxy: { httpPrt: 8080, bind: "everywhere" }, machne: { cores: 1 } },
    });
    for (const problem of [
      /topology\n +expected: .*single-host[^\n]*\n +found: +"singel-host"\n +hint: +Did you mean "single-host"\?/,
      /target\n +expected: .*local[^\n]*\n +found: +"lokal"\n +hint: +Did you mean "local"\?/,
      /proxy\.httpPrt[\s\S]*?Did you mean "proxy\.httpPort"\?/,
      /proxy\.bind[\s\S]*?IP address/,
      /machne[\s\S]*?Did you mean "machine"\?/,
    ]) {
      expect(said).toMatch(problem);
    }
    expect(said).toMatch(/has 5 problems/);
  });

  it("is refused when it names a kind that there is not", async () => {
    expect(await refusal(project.platform, { kind: "platfrom" })).toMatch(/kind[\s\S]*Did you mean "platform"\?/);
  });

  it("is refused when it plans with more than the machine has", async () => {
    const said = await refusal(
      project.platform,
      project.platformValues({ machine: { cores: 1000, memory: "900 TB" } }),
    );
    expect(said).toMatch(/machine\.cores[\s\S]*found: +1000/);
    expect(said).toMatch(/machine\.memory[\s\S]*found: +"900 TB"/);
  });

  describe("because of a port", () => {
    let server: Server;
    beforeAll(async () => {
      server = createServer();
      await new Promise<void>((done) => server.listen({ host: "127.0.0.1", port: project.httpPort }, done));
    });
    afterAll(() => new Promise((done) => server.close(done)));

    it("is refused before anything is made, with the port and how to find out who has it", async () => {
      const said = await refusal(project.platform, project.platformValues());
      expect(said).toMatch(
        new RegExp(
          `proxy\\.httpPort[\\s\\S]*127\\.0\\.0\\.1:${project.httpPort}: something else listens[\\s\\S]*ss -ltnp`,
        ),
      );
      expect(said).not.toContain("proxy.httpsPort");
    });
  });

  it("is refused when Docker does not answer, with what to do", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const said = await refusal(project.platform, project.platformValues(), env);
    expect(said).toMatch(/Docker does not answer[\s\S]*unix:\/\/\/nowhere\/docker\.sock[\s\S]*hint/);
    const cli = await project.cli(["up", project.platform], { env });
    expect(cli.exitCode).toBe(1);
    expect(cli.all).toMatch(/Docker can't be used[\s\S]*unset DOCKER_HOST/);
  });

  it("is refused by the CLI when there is no such stack, with the nearest one", async () => {
    const said = await project.cli(["up", `${project.name}-platfrom`]);
    expect(said.exitCode).toBe(1);
    expect(said.all).toContain(`Did you mean "${project.platform}"?`);
  });

  describe("of an environment", () => {
    beforeAll(async () => {
      project.write(project.platform, project.platformValues());
      const up = await project.cli(["up", project.platform]);
      expect(up.exitCode, up.all).toBe(0);
    });

    it("is refused in one go: domains, misspelt keys, wrong types", async () => {
      const said = await refusal(project.prod, {
        ...{ kind: "environment", platform: project.platform, stage: "prod" },
        ...{ domains: ["https://Odoo.Example.com/"], odoo: { wrokers: 2, workers: "two" }, modles: ["sale"] },
      });
      for (const problem of [
        /stage[\s\S]*?Did you mean "production"\?/,
        /domains[\s\S]*?host name[\s\S]*?Write "odoo\.example\.com"/,
        /odoo\.wrokers[\s\S]*?Did you mean "odoo\.workers"\?/,
        /odoo\.workers[\s\S]*?whole number/,
        /modles[\s\S]*?Did you mean "modules"\?/,
      ]) {
        expect(said).toMatch(problem);
      }
    });

    it("is refused when it asks for more workers or memory than its platform has", async () => {
      const said = await refusal(
        project.prod,
        project.prodValues({ odoo: { workers: 200 }, database: { memory: "900 TB" } }),
      );
      expect(said).toMatch(/odoo\.workers[\s\S]*found: +200/);
      expect(said).toMatch(/database\.memory[\s\S]*900 TB/);
    });

    it("is refused when its platform is not there", async () => {
      const said = await refusal(project.prod, project.prodValues({ platform: `${project.name}-nowhere` }));
      expect(said).toContain(`${project.name}-nowhere`);
    });
  });
});
