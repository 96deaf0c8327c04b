import type { Deed } from "./errors";

/** A failure that a test asks for. */
export interface Fault {
  /** The type of resource, or the function, that fails. */
  readonly token: string;
  readonly code: string;
  readonly deed: Deed;
}

/**
 * Reads the failures that are asked for: `TYPE:CODE` or `TYPE:CODE@DEED`, with commas between them, as in
 * `aws:ec2/instance:Instance:UnauthorizedOperation,aws:rds/instance:Instance:AccessDenied@delete`.
 * @throws where one is none of that form.
 */
export function readFaults(given: string | undefined): Fault[] {
  return (given ?? "")
    .split(",")
    .filter(Boolean)
    .map((one) => {
      const match = /^(aws:[\w/]+:\w+):([\w.]+)(?:@(create|read|update|delete))?$/.exec(one.trim());
      if (!match?.[1] || !match[2]) throw new Error(`no failure to simulate: ${one}`);
      return { token: match[1], code: match[2], deed: (match[3] ?? "create") as Deed };
    });
}
