import { SingleHost } from "../../components/topologies/singleHost";
import { Image } from "../../components/images/image";
import * as docker from "@pulumi/docker";
import { plannedMachine } from "../config/load";
import type { PlatformConfig } from "../config/schema";
import { bytes, seconds } from "../core/units";
import { requireFreePort } from "../targets/ports";
import { LocalTarget } from "../targets/local";

/** Declares a platform: the machine, its network and its proxy. */
export async function deployPlatform(stack: string, config: PlatformConfig): Promise<Record<string, unknown>> {
  const target = new LocalTarget();
  const facts = await target.facts();
  const machine = plannedMachine(config, facts.machine);
  await requireFreePort(target, stack, config.proxy.bind, [
    { path: "proxy.httpPort", port: config.proxy.httpPort },
    { path: "proxy.httpsPort", port: config.proxy.httpsPort },
  ]);

  const provider = new docker.Provider(`${stack}-docker`, { host: target.dockerHost });
  const image = new Image(`${stack}-proxy-image`, { kind: "proxy", dockerHost: target.dockerHost });
  const host = new SingleHost(
    stack,
    {
      stack,
      target: config.target,
      dockerHost: target.dockerHost,
      machine,
      shares: config.shares,
      proxy: {
        image: image.id,
        bind: config.proxy.bind,
        httpPort: config.proxy.httpPort,
        httpsPort: config.proxy.httpsPort,
        responseTimeoutSeconds: seconds(config.proxy.responseTimeout),
        maxBodyBytes: bytes(config.proxy.maxBodySize),
        logs: { maxBytes: bytes(config.proxy.logs.maxSize), maxFiles: config.proxy.logs.maxFiles },
      },
    },
    { providers: [provider] },
  );
  return { kind: config.kind, platform: host.platform };
}
