import type * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/aws/provider";
import type { Instance } from "../../components/aws/instance";
import type { MachineSecurity } from "../../components/aws/machineSecurity";
import type { Network } from "../../components/aws/network";
import type { AwsMachine } from "../config/awsMachines";
import type { AwsConfig } from "../config/awsSchema";
import type { PlatformConfig } from "../config/schema";

/** A platform of target `aws`, whose configuration was checked. */
export interface AwsPlatform {
  readonly stack: string;
  readonly config: PlatformConfig & { readonly aws: AwsConfig };
  readonly provider: Provider;
}

/** A machine and the instance that carries it. */
export interface CarriedMachine {
  readonly machine: AwsMachine;
  readonly instance: Instance;
}

/** What a platform of target `aws` has when its machines are there. */
export interface AwsGround extends AwsPlatform {
  readonly network: Network;
  readonly security: MachineSecurity;
  readonly carried: readonly CarriedMachine[];
}

/** The options of a component that AWS makes. */
export const madeBy = ({ provider }: AwsPlatform): pulumi.ComponentResourceOptions => ({ providers: [provider] });

/** Whether several machines answer production's requests, so that they have a balancer and files in common. */
export const isBalanced = ({ topology }: Pick<PlatformConfig, "topology">): boolean =>
  topology === "load-balanced-production";

/** The machines that answer production's requests. */
export const webMachines = ({ carried }: AwsGround): readonly CarriedMachine[] =>
  carried.filter(({ machine }) => machine.roles?.includes("production") ?? true);
