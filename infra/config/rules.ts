import type { Problem } from "../core/errors";
import { bytes, seconds } from "../core/units";
import { rdsPlacementRules, rdsRules } from "./aws/rdsRules";
import { awsRules } from "./awsRules";
import { balancerRules, behindBalancerRules } from "./balancer";
import { isPublicDomain, usesTls } from "./domains";
import { machineRules } from "./machines";
import { mailUsesTls } from "./mail";
import type { Platform } from "./platformOutput";
import type { EnvironmentConfig, PlatformConfig } from "./schema";
import { stageRules } from "./stageRules";
import { webMachineRules } from "./webMachines";

/** What an environment's configuration is checked against of its platform. */
export type PlacedOn = Pick<Platform, "machines" | "shares" | "proxy"> &
  Partial<Pick<Platform, "target" | "placement" | "aws">>;

/** What no key of a platform can tell by itself. */
export function platformRules(config: PlatformConfig): Problem[] {
  const problems = [...webMachineRules(config), ...machineRules(config), ...balancerRules(config), ...awsRules(config)];
  if (config.proxy.httpPort === config.proxy.httpsPort) {
    problems.push({
      path: "proxy.httpsPort",
      expected: "another port than proxy.httpPort",
      found: `${config.proxy.httpsPort} for both`,
    });
  }
  const total = Object.values(config.shares).reduce((sum, share) => sum + share, 0);
  if (total > 100) {
    problems.push({
      path: "shares",
      expected: "100 percent at most in all",
      found: `${total} percent`,
      hint: "A stage that the platform does not carry can have 0.",
    });
  }
  return problems;
}

/**
 * What no key of an environment can tell by itself.
 * @param stack Name of its stack, where it is known.
 */
export function environmentRules(config: EnvironmentConfig, stack?: string): Problem[] {
  const { limits } = config.odoo;
  return [
    ...(bytes(limits.memoryHard) > bytes(limits.memorySoft)
      ? []
      : [
          {
            path: "odoo.limits.memoryHard",
            expected: `more than odoo.limits.memorySoft, "${limits.memorySoft}"`,
            found: `"${limits.memoryHard}"`,
          },
        ]),
    ...repeated("domains", config.domains),
    ...repeated("modules", config.modules),
    ...tlsRules(config),
    ...stageRules(config, stack),
    ...rdsRules(config, stack),
  ];
}

/** What an environment asks of its platform beside memory and processors. */
export function placementRules(config: EnvironmentConfig, { proxy, target, placement, aws }: PlacedOn): Problem[] {
  const problems = [...behindBalancerRules(config, proxy), ...rdsPlacementRules(config, { target, aws })];
  const webs = new Set(placement?.[config.stage].web ?? []);
  if (webs.size > 1 && config.filestore.path === undefined) {
    problems.push({
      path: "filestore.path",
      expected: `a folder that ${[...webs].join(", ")} have in common, such as a mounted NFS`,
      found: "nothing",
      hint: "odoo-stacks:filestore: { path: /mnt/odoo/prod }",
    });
  }
  if (config.filestore.path !== undefined && target === "local") {
    problems.push({
      path: "filestore.path",
      expected: "nothing on target local: one machine has all files in common with itself",
      found: `"${config.filestore.path}"`,
    });
  }
  if (seconds(config.odoo.limits.timeReal) >= proxy.responseTimeoutSeconds) {
    problems.push({
      path: "odoo.limits.timeReal",
      expected: `less than the proxy waits for an answer, ${proxy.responseTimeoutSeconds} seconds`,
      found: `"${config.odoo.limits.timeReal}"`,
      hint: "Raise proxy.responseTimeout in the platform's stack, or lower this limit.",
    });
  }
  if (config.mount !== undefined && target !== undefined && target !== "local") {
    problems.push({
      path: "mount",
      expected: "nothing unless the platform's target is local: the folder is on this machine",
      found: `"${config.mount}" on target ${target}`,
      hint: "Take mount out; addons become part of the image.",
    });
  }
  if ((usesTls(config, proxy) || mailUsesTls(config, proxy)) && isLoopback(proxy.bind)) {
    problems.push({
      path: "tls.enabled",
      expected: "a proxy that Let's Encrypt can reach",
      found: `a platform that listens on ${proxy.bind}`,
      hint: "Set proxy.bind in the platform's stack, or tls.enabled: false when something in front of it ends HTTPS.",
    });
  }
  return problems;
}

function tlsRules(config: EnvironmentConfig): Problem[] {
  const local = config.domains.filter((domain) => !isPublicDomain(domain));
  if (local.length === 0 || config.tls.enabled === false) return [];
  if (config.tls.enabled === undefined && local.length === config.domains.length) return [];
  return [
    {
      path: "tls.enabled",
      expected: "public domains only, because Let's Encrypt gives certificates for no others",
      found: local.map((domain) => `"${domain}"`).join(", "),
      hint: "Take the local domains out, or set tls.enabled: false.",
    },
  ];
}

function repeated(path: string, list: readonly string[]): Problem[] {
  const twice = [...new Set(list.filter((item, at) => list.indexOf(item) !== at))];
  return twice.map((item) => ({ path, expected: "each only once", found: `"${item}" more than once` }));
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
