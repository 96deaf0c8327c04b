import * as ec2 from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import { blockText, parseBlock, type SubnetKind, subnetOf } from "../../infra/config/awsAddresses";
import { Component } from "../../infra/core/component";
import { FlowLogs } from "./flowLogs";

/** What a network is made with. */
export interface NetworkArgs {
  readonly region: string;
  /** Its addresses, a block from /16 to /22 such as `10.40.0.0/16`. Another one replaces the network. */
  readonly cidr: string;
  /** Its availability zones, two or three. One more may be added at the end. */
  readonly zones: readonly string[];
  /** Which zones get a NAT gateway, by which machines in private subnets reach the internet. */
  readonly nat: "none" | "single" | "per-zone";
  /** Name of the log group that keeps who has talked to whom. @default none, and nothing is kept */
  readonly flowLogs?: string;
}

/** Everywhere. */
const anywhere = "0.0.0.0/0";

/**
 * A network of its own (VPC): in each zone a public subnet, whose machines may have public addresses, and a private one, whose
 * machines have none and reach the internet through a NAT gateway, where there is one. S3 is reached without it. Nothing is in the
 * network's default security group, and that lets nothing through.
 *
 * Cost: nothing without NAT gateways; each of these about 33 USD a month in us-east-1, 4 of them for its address, and what goes
 * through it by the GB.
 */
export class Network extends Component {
  readonly vpcId: pulumi.Output<string>;
  private readonly subnets: Readonly<Record<SubnetKind, readonly ec2.Subnet[]>>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:Network", name, opts);
    const vpc = new ec2.Vpc(
      this.childName("vpc"),
      { cidrBlock: args.cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: { Name: name } },
      this.child(),
    );
    this.vpcId = vpc.id;
    new ec2.DefaultSecurityGroup(this.childName("default"), { vpcId: this.vpcId }, this.child());
    this.subnets = {
      public: args.zones.map((zone, at) => this.makeSubnet(args, "public", zone, at)),
      private: args.zones.map((zone, at) => this.makeSubnet(args, "private", zone, at)),
    };
    const gateway = new ec2.InternetGateway(this.childName("internet"), this.tagged("internet"), this.child());
    const open = this.makeTable("public", this.subnets.public);
    this.route("public-internet", open, { gatewayId: gateway.id });
    const closed = args.zones.map((zone, at) =>
      this.makeTable(`private-${zone}`, this.subnets.private.slice(at, at + 1)),
    );
    const nats = args.nat === "none" ? [] : args.zones.slice(0, args.nat === "single" ? 1 : undefined);
    const gateways = nats.map((zone, at) => this.makeNat(zone, at, gateway));
    closed.forEach((table, at) => {
      const nat = gateways[at] ?? gateways[0];
      if (nat) this.route(`private-${args.zones[at] ?? ""}-internet`, table, { natGatewayId: nat.id });
    });
    new ec2.VpcEndpoint(
      this.childName("s3"),
      {
        ...{ vpcId: this.vpcId, vpcEndpointType: "Gateway", serviceName: `com.amazonaws.${args.region}.s3` },
        routeTableIds: [open, ...closed].map(({ id }) => id),
        ...this.tags("s3"),
      },
      this.child(),
    );
    if (args.flowLogs !== undefined) {
      const logs = { vpcId: this.vpcId, logGroup: args.flowLogs };
      new FlowLogs(this.childName("flow-logs"), logs, { parent: this });
    }
    this.registerOutputs({ vpcId: this.vpcId });
  }

  /** IDs of the subnets of a kind, in the order of the zones. */
  subnetIds(kind: SubnetKind): readonly pulumi.Output<string>[] {
    return this.subnets[kind].map(({ id }) => id);
  }

  private makeSubnet({ cidr }: NetworkArgs, kind: SubnetKind, zone: string, at: number): ec2.Subnet {
    const network = parseBlock(cidr);
    if (!network) throw new Error(`no block of addresses: ${cidr}`);
    const role = `${kind}-${zone}`;
    const cidrBlock = blockText(subnetOf(network, kind, at));
    return new ec2.Subnet(
      this.childName(role),
      { vpcId: this.vpcId, availabilityZone: zone, cidrBlock, mapPublicIpOnLaunch: false, ...this.tags(role) },
      this.child(),
    );
  }

  /** The table by which some subnets know where to send what is for others. */
  private makeTable(role: string, subnets: readonly ec2.Subnet[]): ec2.RouteTable {
    const table = new ec2.RouteTable(this.childName(`${role}-routes`), this.tagged(role), this.child());
    subnets.forEach((subnet, at) => {
      const name = this.childName(`${role}-routes-${at + 1}`);
      new ec2.RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: table.id }, this.child());
    });
    return table;
  }

  private route(role: string, table: ec2.RouteTable, to: Pick<ec2.RouteArgs, "gatewayId" | "natGatewayId">): void {
    const route = { routeTableId: table.id, destinationCidrBlock: anywhere, ...to };
    new ec2.Route(this.childName(role), route, this.child());
  }

  private makeNat(zone: string, at: number, gateway: ec2.InternetGateway): ec2.NatGateway {
    const role = `nat-${zone}`;
    const address = new ec2.Eip(this.childName(`${role}-address`), { domain: "vpc", ...this.tags(role) }, this.child());
    const subnetId = this.subnets.public[at]?.id;
    return new ec2.NatGateway(
      this.childName(role),
      { allocationId: address.allocationId, subnetId, ...this.tags(role) },
      // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html: the subnet must lead to the internet.
      this.child({ dependsOn: [gateway] }),
    );
  }

  private tagged(role: string) {
    return { vpcId: this.vpcId, ...this.tags(role) };
  }

  private tags(role: string) {
    return { tags: { Name: this.childName(role) } };
  }
}
