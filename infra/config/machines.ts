import { isIP } from "node:net";
import type { Problem } from "../core/errors";
import { managerAmong } from "../core/manager";
import type { MachineRole } from "./platformSchema";
import type { PlatformConfig } from "./schema";

type Machines = Pick<PlatformConfig, "target" | "topology" | "machines">;

/** A machine as a platform's file lists it. */
export type ServerConfig = PlatformConfig["machines"][number];

/** How many machines of a role each topology has. */
const counts: Readonly<
  Record<Machines["topology"], Readonly<Partial<Record<MachineRole, { least: number; most: number }>>>>
> = {
  "single-host": {},
  "split-database": {
    database: { least: 1, most: 1 },
    production: { least: 1, most: 1 },
    nonproduction: { least: 0, most: 1 },
    proxy: { least: 0, most: 1 },
  },
  "load-balanced-production": {
    database: { least: 1, most: 1 },
    production: { least: 2, most: 16 },
    nonproduction: { least: 0, most: 1 },
    proxy: { least: 0, most: 1 },
  },
};

const example: Readonly<Partial<Record<MachineRole, string>>> = {
  database: "{ name: db, address: 10.0.0.11, roles: [database] }",
  production: "{ name: web-1, address: 10.0.0.12, roles: [production] }",
};

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
  return [
    ...(topology === "single-host" ? [] : roleProblems(topology, machines)),
    ...repeatedMachines(machines),
    ...addressProblems(machines),
  ];
}

function roleProblems(topology: Machines["topology"], machines: readonly ServerConfig[]): Problem[] {
  const without = machines.flatMap(({ roles }, at) =>
    roles
      ? []
      : [
          {
            path: `machines[${at}].roles`,
            expected: "what the machine carries",
            found: "nothing",
            hint: "roles: [database]",
          },
        ],
  );
  const wrong = Object.entries(counts[topology]).flatMap(([role, { least, most }]) => {
    const found = machines.filter(({ roles = [] }) => roles.includes(role as MachineRole)).length;
    if (found >= least && found <= most) return [];
    const number = least === most ? String(least) : found < least ? `at least ${least}` : `at most ${most}`;
    return [
      {
        path: "machines[].roles",
        expected: `${number} of the role ${role} in topology ${topology}`,
        found: found === 0 ? "none" : String(found),
        hint: example[role as MachineRole],
      },
    ];
  });
  return [...without, ...wrong];
}

/** What tells machines apart. Several may be behind one address, each with a port of its own. */
const identities = {
  name: ({ name }: ServerConfig) => name,
  address: ({ address, port }: ServerConfig) => `${address} ${port}`,
  // Without an IP address there is a problem that says so.
  privateAddress: (machine: ServerConfig) => (isIP(advertised(machine)) === 0 ? machine.name : advertised(machine)),
};

function repeatedMachines(machines: readonly ServerConfig[]): Problem[] {
  return machines.flatMap((machine, at) => {
    const keys = Object.keys(identities) as (keyof typeof identities)[];
    const isTaken = (key: keyof typeof identities) =>
      machines.slice(0, at).some((other) => identities[key](other) === identities[key](machine));
    const key = keys.find(isTaken);
    if (!key) return [];
    const found = key === "privateAddress" ? advertised(machine) : machine[key];
    return [{ path: `machines[${at}].${key}`, expected: "another one than any other machine's", found: `"${found}"` }];
  });
}

function addressProblems(machines: readonly ServerConfig[]): Problem[] {
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
export const advertised = ({ address, privateAddress }: Pick<ServerConfig, "address" | "privateAddress">): string =>
  privateAddress ?? address;

/** What of a machine's configuration says how it is reached. */
export const reached = ({ name, address, user, port }: ServerConfig) => ({ name, address, user, port });

/**
 * All that a machine carries. One that is alone carries everything.
 * @param balanced Whether a load balancer stands in front of the web machines: then each has a proxy, as the manager has.
 */
export function rolesOf<T extends { readonly roles?: readonly MachineRole[] }>(
  machine: T,
  machines: readonly T[],
  balanced = false,
): readonly MachineRole[] {
  if (machines.length === 1) return ["database", "production", "nonproduction", "proxy"];
  const roles = machine.roles ?? [];
  const hasProxy = managerAmong(machines) === machine || (balanced && roles.includes("production"));
  return hasProxy && !roles.includes("proxy") ? [...roles, "proxy"] : roles;
}
