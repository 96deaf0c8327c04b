import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";

/** What the security groups of a platform's machines are made with. */
export interface MachineSecurityArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Whether everybody may reach the proxy, and not only a balancer. */
  readonly publicWeb: boolean;
  /** Blocks of addresses that may reach SSH; none where machines are reached through Session Manager. */
  readonly sshFrom: readonly string[];
}

/** What of a packet a rule is for; without ports all of its protocol. */
interface Traffic {
  readonly name: string;
  readonly ipProtocol: string;
  readonly port?: number;
}

/** What the machines of a platform tell each other. */
const amongMachines: readonly Traffic[] = [
  // https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts
  { name: "swarm", ipProtocol: "tcp", port: 2377 },
  { name: "nodes-tcp", ipProtocol: "tcp", port: 7946 },
  { name: "nodes-udp", ipProtocol: "udp", port: 7946 },
  { name: "overlay", ipProtocol: "udp", port: 4789 },
  // Encrypted networks: IPsec's ESP.
  { name: "encrypted-overlay", ipProtocol: "50" },
  // Operators reach the Engines of other machines.
  { name: "ssh", ipProtocol: "tcp", port: 22 },
];

const web: readonly Traffic[] = [
  { name: "http", ipProtocol: "tcp", port: 80 },
  { name: "https", ipProtocol: "tcp", port: 443 },
];

/** Everybody: for what the proxy serves, and for what machines ask for, and nothing else. */
const everybody = "0.0.0.0/0";

const ports = ({ ipProtocol, port }: Traffic) =>
  port === undefined ? { ipProtocol } : { ipProtocol, fromPort: port, toPort: port };

/**
 * Who may talk to a platform's machines: they to each other, as Swarm and operators need it; people to the proxy at 80 and 443,
 * where no balancer stands before it; named addresses to SSH, where that is how they are reached.
 *
 * Cost: none.
 */
export class MachineSecurity extends Component {
  /** The group of all machines. */
  readonly machines: pulumi.Output<string>;
  /** The group of the machines that carry a proxy or production's Odoo. */
  readonly web: pulumi.Output<string>;

  constructor(
    name: string,
    { vpcId, publicWeb, sshFrom }: MachineSecurityArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("aws:MachineSecurity", name, opts);
    this.machines = this.group("machines", "The machines of a platform, among each other", vpcId);
    this.web = this.group("web", "The machines of a platform that answer requests", vpcId);
    for (const traffic of amongMachines) {
      const from = { referencedSecurityGroupId: this.machines, description: "from the platform's machines" };
      this.letIn(`machines-${traffic.name}`, this.machines, traffic, from);
    }
    sshFrom.forEach((cidrIpv4) => {
      const role = `ssh-from-${cidrIpv4.replaceAll(/[./]/g, "-")}`;
      const ssh = { name: "ssh", ipProtocol: "tcp", port: 22 };
      this.letIn(role, this.machines, ssh, { cidrIpv4, description: "from operators" });
    });
    for (const traffic of publicWeb ? web : []) {
      this.letIn(`web-${traffic.name}`, this.web, traffic, { cidrIpv4: everybody, description: "from people" });
    }
    new vpc.SecurityGroupEgressRule(
      this.childName("out"),
      { securityGroupId: this.machines, ipProtocol: "-1", cidrIpv4: everybody, description: "packages, images, mail" },
      this.child(),
    );
    this.registerOutputs({ machines: this.machines, web: this.web });
  }

  private group(role: string, description: string, vpcId: pulumi.Input<string>): pulumi.Output<string> {
    const tags = { Name: this.childName(role) };
    return new ec2.SecurityGroup(this.childName(role), { vpcId, description, tags }, this.child()).id;
  }

  private letIn(
    role: string,
    securityGroupId: pulumi.Input<string>,
    traffic: Traffic,
    from: Pick<vpc.SecurityGroupIngressRuleArgs, "cidrIpv4" | "referencedSecurityGroupId" | "description">,
  ): void {
    const rule = { securityGroupId, ...ports(traffic), ...from };
    new vpc.SecurityGroupIngressRule(this.childName(role), rule, this.child());
  }
}
