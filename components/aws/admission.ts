import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";

/** Who is let in to a service in a network. */
export interface AdmissionArgs {
  /** ID of the VPC. */
  readonly vpcId: pulumi.Input<string>;
  /** What the service is, in words; a change makes another group. */
  readonly purpose: string;
  /** The one TCP port. */
  readonly port: number;
  /** IDs of the security groups of those who are let in, by what they are. Nobody else is, and no address. */
  readonly clients: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * The security group of a service that answers and never asks: in on one port from some groups, and nothing out.
 *
 * Cost: none.
 */
export function admission(name: string, args: AdmissionArgs, opts: pulumi.CustomResourceOptions): ec2.SecurityGroup {
  const { vpcId, purpose, port, clients } = args;
  const group = new ec2.SecurityGroup(name, { vpcId, description: purpose, tags: { Name: name } }, opts);
  for (const [client, id] of Object.entries(clients)) {
    new vpc.SecurityGroupIngressRule(
      `${name}-from-${client}`,
      {
        securityGroupId: group.id,
        referencedSecurityGroupId: id,
        ...{ ipProtocol: "tcp", fromPort: port, toPort: port, description: client },
        tags: { Name: `${name}-from-${client}` },
      },
      opts,
    );
  }
  return group;
}
