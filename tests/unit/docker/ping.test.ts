import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ping } from "../../../infra/docker/ping";
import { folderWith } from "../../support/folders";

/** The address of an Engine that answers as told; gone when the test ends. */
async function engine(answer: RequestListener): Promise<string> {
  const socket = join(folderWith({}), "docker.sock");
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return `unix://${socket}`;
}

describe("asking an Engine whether it is there", () => {
  it("is answered", async () => {
    const asked: string[] = [];
    const host = await engine((request, response) => {
      asked.push(request.url ?? "");
      response.end("OK");
    });
    expect(await ping(host)).toEqual({ answers: true });
    expect(asked).toEqual(["/_ping"]);
  });

  it("is no answer when it is starting", async () => {
    const host = await engine((_, response) => response.writeHead(503).end());
    expect(await ping(host)).toEqual({ answers: false, failure: "status 503", forbidden: false });
  });

  it("says why there is none", async () => {
    const answer = await ping("unix:///no/such/docker.sock");
    expect(answer).toMatchObject({ answers: false, forbidden: false });
    expect(answer).toHaveProperty("failure", expect.stringContaining("ENOENT"));
  });

  it("says why there is none elsewhere", async () => {
    const answer = await ping("tcp://127.0.0.1:1");
    expect(answer).toMatchObject({ answers: false, forbidden: false });
    expect(answer).toHaveProperty("failure", expect.stringMatching(/127\.0\.0\.1:1/));
  });
});
