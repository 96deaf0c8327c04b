import type { Problem } from "../core/errors";
import type { Front } from "./domains";
import type { EnvironmentConfig, PlatformConfig } from "./schema";

/** Addresses that every machine has: ports on them are published on all of its networks. */
const everywhere: readonly string[] = ["0.0.0.0", "::"];

/** What a platform must be so that a load balancer of the user's own can stand in front of it. */
export function balancerRules({ proxy, topology, target }: PlatformConfig): Problem[] {
  const { balancer, bind } = proxy;
  if (balancer === undefined) return [];
  if (topology !== "load-balanced-production") {
    return [
      {
        path: "proxy.balancer",
        expected: "nothing unless topology is load-balanced-production",
        found: `"${balancer}" with topology "${topology}"`,
        hint: "Take it out: there is one web machine, and people come to its proxy.",
      },
    ];
  }
  if (target === "local") {
    return [
      {
        path: "proxy.balancer",
        expected: "nothing on target local: one Docker Engine can't publish a port for several proxies",
        found: `"${balancer}"`,
        hint: "A balancer stands in front of machines of your own: target: servers.",
      },
    ];
  }
  if (everywhere.includes(bind)) return [];
  return [
    {
      path: "proxy.bind",
      expected: `an address that every web machine has, on which the balancer reaches it: ${everywhere.join(" or ")}`,
      found: `"${bind}"`,
      hint: "Write bind: 0.0.0.0, and let a firewall keep everybody but the balancer from the ports.",
    },
  ];
}

/** What an environment can't ask for behind a load balancer: it is the balancer that people's HTTPS ends at. */
export function behindBalancerRules({ tls }: EnvironmentConfig, { balancer }: Front): Problem[] {
  if (balancer === undefined || tls.enabled !== true) return [];
  return [
    {
      path: "tls.enabled",
      expected: "nothing, or false: the load balancer in front of the platform's proxies has the certificates",
      found: `true on a platform with proxy.balancer: ${balancer}`,
      hint: "Take it out here, or proxy.balancer in the platform's stack.",
    },
  ];
}
