import { attempt } from "../../core/exec";
import { labelPrefix } from "../../core/labels";
import { until } from "../../core/until";
import { containersWithLabels } from "../docker";
import type { StepModule } from "../step";

/** Whose containers are waited for. */
export interface SettledInput {
  /** The Engines of the machines that they are on, as `DOCKER_HOST` names them. */
  readonly dockerHosts: readonly string[];
  readonly stack: string;
}

/** The longest wait for containers to end, in seconds. */
const timeoutSeconds = 180;

/**
 * Does nothing but wait, when a stack is removed, until its web containers have ended: removing their service does not wait,
 * so that a release does not, but volumes and networks can't be removed while they are in use.
 */
export const step: StepModule<SettledInput, Record<string, never>> = {
  apply: () => Promise.resolve({}),
  async remove({ dockerHosts, stack }) {
    const labels = [`${labelPrefix}.stack=${stack}`, `${labelPrefix}.role=odoo-web`];
    await until("the web containers have ended", timeoutSeconds, async () => {
      const argv = containersWithLabels(labels, true);
      const left = dockerHosts.map((host) => attempt(argv, { env: { DOCKER_HOST: host }, timeoutSeconds: 30 }));
      // A machine that is gone has nothing that ends, and nothing that is removed.
      return (await Promise.all(left)).every(({ stdout }) => stdout.trim() === "");
    });
  },
};
