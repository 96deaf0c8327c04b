import { isIP } from "node:net";
import type { Problem } from "../core/errors";
import type { PlatformConfig } from "./schema";

type Machines = Pick<PlatformConfig, "target" | "topology" | "machines">;

/** What the list of machines can't tell key by key. */
export function machineRules({ target, topology, machines }: Machines): Problem[] {
  if (target !== "servers") {
    return machines.length === 0
      ? []
      : [
          {
            path: "machines",
            expected: "nothing unless target is servers",
            found: `${machines.length} with target "${target}"`,
            hint: "Write target: servers, or take machines out.",
          },
        ];
  }
  if (topology === "single-host" && machines.length !== 1) {
    return [
      {
        path: "machines",
        expected: "one machine, which topology single-host is on",
        found: machines.length === 0 ? "none" : String(machines.length),
        hint: "machines: [{ name: main, address: 203.0.113.10 }]",
      },
    ];
  }
  return machines.flatMap(({ address, privateAddress }, at) =>
    privateAddress !== undefined || isIP(address) !== 0
      ? []
      : [
          {
            path: `machines[${at}].privateAddress`,
            expected: "an IP address, because machines find each other by it",
            found: "nothing, and a host name as address",
            hint: "Name the address that other machines reach it at, such as 10.0.0.10.",
          },
        ],
  );
}

/** The IP address that other machines reach a machine at. */
export const advertised = ({ address, privateAddress }: PlatformConfig["machines"][number]): string =>
  privateAddress ?? address;
