import * as ec2 from "@pulumi/aws/ec2";
import * as ssm from "@pulumi/aws/ssm";
import type * as pulumi from "@pulumi/pulumi";
import type { Architecture } from "../../infra/config/awsInstanceTypes";

/** The account that Debian publishes its images from: https://wiki.debian.org/Cloud/AmazonEC2Image */
const debian = "136693071363";

/**
 * ID of Debian 13's newest image in a region, as its public parameter names it; only one that Debian's own account owns counts.
 * @param opts The provider whose region is asked.
 */
export function debianImage(architecture: Architecture, opts: pulumi.InvokeOutputOptions): pulumi.Output<string> {
  const name = `/aws/service/debian/release/13/latest/${architecture}`;
  const { value } = ssm.getParameterOutput({ name }, opts);
  return ec2.getAmiOutput({ owners: [debian], filters: [{ name: "image-id", values: [value] }] }, opts).id;
}
