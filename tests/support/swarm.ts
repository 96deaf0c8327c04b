import { swarmInit } from "../../infra/commands/docker";
import { swarmState } from "./docker";
import { must, sh } from "./shell";

/**
 * Makes the machine's Docker Engine a Swarm before tests that share it, and leaves it afterwards: two platforms at a time
 * would each make and leave it. One that is there stays.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Without Docker, the tests that need it say so.
  const state = await swarmState().catch(() => "unknown");
  if (state !== "inactive") return undefined;
  await must(swarmInit("127.0.0.1"));
  return async () => {
    const { stdout } = await sh(["docker", "service", "ls", "--quiet"]);
    if (stdout.trim() === "") await sh(["docker", "swarm", "leave", "--force"]);
  };
}
