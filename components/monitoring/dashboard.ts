import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "../../infra/core/component";
import { awsName } from "../aws/awsName";
import { dashboardBody, type DashboardContent } from "./dashboardBody";

/**
 * A dashboard in CloudWatch with a platform's alarms, requests, machines, databases and logs.
 *
 * Cost: 3 USD a month, beyond the account's first three.
 */
export class Dashboard extends Component {
  /** What it is called in CloudWatch. */
  readonly dashboardName: pulumi.Output<string>;

  constructor(name: string, content: DashboardContent, opts?: pulumi.ComponentResourceOptions) {
    super("monitoring:Dashboard", name, opts);
    const dashboard = new cloudwatch.Dashboard(
      this.childName("dashboard"),
      { dashboardName: awsName(content.platform, 255), dashboardBody: pulumi.jsonStringify(dashboardBody(content)) },
      this.child(),
    );
    this.dashboardName = dashboard.dashboardName;
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}
