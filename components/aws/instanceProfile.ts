import * as iam from "@pulumi/aws/iam";
import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { policy, type Statement, trustedBy } from "./policies";

/** What the machines of a platform may do in AWS. */
export interface InstanceProfileArgs {
  /** Whether they are reached through Session Manager. */
  readonly sessionManager: boolean;
  /** What else they may do: policies as JSON, each with a name. @default nothing */
  readonly policies?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * What the agent of Session Manager does, and no more: AWS's own policy, AmazonSSMManagedInstanceCore, also lets every machine read all
 * of Parameter Store. https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
const sessionManager: readonly Statement[] = [
  {
    Action: [
      "ssm:UpdateInstanceInformation",
      "ssmmessages:CreateControlChannel",
      "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel",
      "ssmmessages:OpenDataChannel",
    ],
    Resource: "*",
  },
];

/**
 * The role that a platform's machines have in AWS: they may talk to Session Manager, where they are reached through it, and do what is
 * asked for besides. Containers can't take it: the instances' metadata doesn't answer them.
 *
 * Cost: none.
 */
export class InstanceProfile extends Component {
  /** Its name, which instances are made with. */
  readonly profile: pulumi.Output<string>;
  /** ARN of the role. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: InstanceProfileArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws:InstanceProfile", name, opts);
    const assumeRolePolicy = trustedBy("ec2.amazonaws.com");
    const role = new iam.Role(this.childName("role"), { assumeRolePolicy }, this.child());
    const policies = {
      ...(args.sessionManager ? { "session-manager": policy(sessionManager) } : {}),
      ...args.policies,
    };
    for (const [what, document] of Object.entries(policies)) {
      new iam.RolePolicy(this.childName(what), { role: role.id, policy: document }, this.child());
    }
    const profile = new iam.InstanceProfile(this.childName("profile"), { role: role.name }, this.child());
    this.profile = profile.name;
    this.roleArn = role.arn;
    this.registerOutputs({ profile: this.profile, roleArn: this.roleArn });
  }
}
