import { hostname } from "node:os";
import { run } from "../core/exec";

/** ID of the image that this process runs in: the operator's. Docker names a container's host after the container. */
export async function ownImage(): Promise<string> {
  const argv = ["docker", "inspect", "--format", "{{.Image}}", hostname()];
  return (await run(argv, { timeoutSeconds: 30 })).trim();
}
