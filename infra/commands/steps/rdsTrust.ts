import { UserError } from "../../core/errors";
import type { StepModule } from "../step";

/** Whose certificates databases on RDS have. */
export interface RdsTrustInput {
  /** Where Amazon publishes them for a region: see `rdsTrust` in infra/config/aws/trust.ts. */
  readonly address: string;
}

/** What is kept of them. */
export interface RdsTrustResult {
  /** All of the region's certificates, as PEM. */
  readonly certificates: string;
}

/**
 * Fetches the certificates that a region's databases are checked against. Once: they are valid for 40 years and longer, and what changed
 * here would start all containers again.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
export const step: StepModule<RdsTrustInput, RdsTrustResult> = {
  apply: async ({ address }) => ({ certificates: (await fetchTrust(address)).trim() }),
  remove: () => Promise.resolve(),
};

/** Amazon's certificates for databases of a region; public, and authentic because the address is a known one over HTTPS. */
export async function fetchTrust(address: string): Promise<string> {
  const problem = (found: string) =>
    new UserError("The database on RDS can't be reached safely.", [
      {
        path: address,
        expected: "the certificates of Amazon's authority for databases",
        found,
        hint: "This computer needs HTTPS to that address.",
      },
    ]);
  const response = await fetch(address, { signal: AbortSignal.timeout(30_000) }).catch((error: unknown) => {
    throw problem(error instanceof Error ? error.message : String(error));
  });
  const text = await response.text();
  if (!response.ok || !text.includes("-----BEGIN CERTIFICATE-----")) throw problem(`status ${response.status}`);
  return text;
}
