import type { Problem } from "../core/errors";
import { seconds } from "../core/units";
import { isCovered } from "./awsDomains";
import type { Front } from "./domains";
import type { BalancerLimits } from "./platformOutput";
import type { EnvironmentConfig, PlatformConfig } from "./schema";

/** Addresses that every machine has: ports on them are published on all of its networks. */
const everywhere: readonly string[] = ["0.0.0.0", "::"];

/**
 * How people open the load balancer in front of a platform's proxies; undefined where there is none. On target `aws` the platform
 * makes one with `load-balanced-production`, and it is always HTTPS.
 */
export const balancerOf = ({
  proxy,
  target,
  topology,
}: Pick<PlatformConfig, "proxy" | "target" | "topology">): "https" | "http" | undefined =>
  target === "aws" && topology === "load-balanced-production" ? "https" : proxy.balancer;

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
  if (target === "aws") {
    return balancer === "https"
      ? []
      : [
          {
            path: "proxy.balancer",
            expected: "https, or nothing, with target aws: the platform makes the balancer, which ends HTTPS",
            found: `"${balancer}"`,
            hint: "Take it out.",
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

/**
 * What an environment can't ask for behind a load balancer: it is the balancer that people's HTTPS ends at, and one that the platform
 * has made has a certificate for some domains, and waits for so long.
 */
export function behindBalancerRules(config: EnvironmentConfig, front: Front): Problem[] {
  return [...tlsProblems(config, front), ...(front.limits ? limitProblems(config, front.limits) : [])];
}

function limitProblems({ domains, release }: EnvironmentConfig, limits: BalancerLimits): Problem[] {
  const foreign = domains.filter((domain) => !isCovered(domain, limits.domains));
  return [
    ...foreign.map((domain) => ({
      path: "domains",
      expected: `names that the load balancer has a certificate for: ${limits.domains.join(", ")}`,
      found: `"${domain}"`,
      hint: "Add it to aws.dns.domains in the platform's stack, and bring that up first.",
    })),
    ...(seconds(release.maxHold) <= limits.maxHoldSeconds
      ? []
      : [
          {
            path: "release.maxHold",
            expected: `at most ${limits.maxHoldSeconds} seconds, for which the load balancer waits`,
            found: `"${release.maxHold}"`,
            hint: "Raise aws.balancer.maxHold in the platform's stack and bring that up first, or lower this.",
          },
        ]),
  ];
}

function tlsProblems({ tls }: EnvironmentConfig, { balancer }: Front): Problem[] {
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
