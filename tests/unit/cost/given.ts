import type { Billed } from "../../../infra/cost/line";

/** A resource as a stack has it; named after the last part of its type. */
export function given(type: string, inputs: Record<string, unknown> = {}, more: Partial<Billed> = {}): Billed {
  const name = more.name ?? `a-${type.split(":").at(-1) ?? ""}`;
  return { urn: `urn:pulumi:prod::odoo-stacks::${type}::${name}`, name, type, region: "us-east-1", inputs, ...more };
}

export const types = {
  instance: "aws:ec2/instance:Instance",
  volume: "aws:ebs/volume:Volume",
  eip: "aws:ec2/eip:Eip",
  database: "aws:rds/instance:Instance",
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  files: "aws:efs/fileSystem:FileSystem",
} as const;
