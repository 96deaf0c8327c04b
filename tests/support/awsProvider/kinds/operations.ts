import { randomHex, text } from "../values";
import { attachment, type Kinds } from "./kind";

/** How AWS treats secrets, parameters, alarms, logs and messages. */
export const operations: Kinds = {
  "secretsmanager/secret": {
    id: "arn",
    arn: "secretsmanager:{region}:{account}:secret:{name}-{hex}",
    replaces: ["name", "namePrefix"],
    taken: "ResourceExistsException",
    action: "secretsmanager:CreateSecret",
  },
  "secretsmanager/secretVersion": {
    id: (inputs) => `${text(inputs, "secretId")}|${randomHex(32)}`,
    replaces: ["secretId", "secretString", "secretBinary"],
    action: "secretsmanager:PutSecretValue",
    outputs: ({ id, inputs }) => ({ arn: inputs.secretId, versionId: id.split("|")[1], versionStages: ["AWSCURRENT"] }),
  },
  "ssm/parameter": {
    id: "name",
    arn: "ssm:{region}:{account}:parameter/{name}",
    replaces: ["name", "dataType"],
    taken: "ParameterAlreadyExists",
    action: "ssm:PutParameter",
    outputs: ({ inputs }) => ({ version: 1, tier: inputs.tier ?? "Standard", dataType: "text" }),
  },
  "ssm/document": {
    id: "name",
    arn: "ssm:{region}:{account}:document/{name}",
    replaces: ["name", "documentType"],
    taken: "DocumentAlreadyExists",
  },
  "cloudwatch/metricAlarm": {
    id: "name",
    arn: "cloudwatch:{region}:{account}:alarm:{name}",
    replaces: ["name"],
    action: "cloudwatch:PutMetricAlarm",
  },
  "cloudwatch/compositeAlarm": {
    id: "name",
    arn: "cloudwatch:{region}:{account}:alarm:{name}",
    named: "alarmName",
    replaces: ["alarmName"],
    action: "cloudwatch:PutCompositeAlarm",
  },
  "cloudwatch/dashboard": {
    id: "name",
    arn: "cloudwatch::{account}:dashboard/{name}",
    named: "dashboardName",
    replaces: ["dashboardName"],
    action: "cloudwatch:PutDashboard",
    outputs: ({ arn }) => ({ dashboardArn: arn }),
  },
  "cloudwatch/logGroup": {
    id: "name",
    arn: "logs:{region}:{account}:log-group:{name}",
    replaces: ["name", "namePrefix", "logGroupClass"],
    taken: "ResourceAlreadyExistsException",
    action: "logs:CreateLogGroup",
  },
  "cloudwatch/logMetricFilter": {
    id: "name",
    replaces: ["name", "logGroupName"],
    unique: "no",
    action: "logs:PutMetricFilter",
  },
  "cloudwatch/logResourcePolicy": { id: "uuid", named: "", replaces: ["policyName"], action: "logs:PutResourcePolicy" },
  "cloudwatch/eventRule": {
    id: "name",
    arn: "events:{region}:{account}:rule/{name}",
    replaces: ["name", "namePrefix", "eventBusName"],
    action: "events:PutRule",
  },
  "cloudwatch/eventTarget": { id: "uuid", replaces: ["rule", "targetId", "eventBusName"], action: "events:PutTargets" },
  "sns/topic": {
    id: "arn",
    arn: "sns:{region}:{account}:{name}",
    replaces: ["name", "namePrefix", "fifoTopic"],
    unique: "no",
    action: "sns:CreateTopic",
    outputs: ({ account }) => ({ owner: account }),
  },
  "sns/topicSubscription": {
    id: (inputs) => `${text(inputs, "topic")}:${randomHex(32)}`,
    replaces: ["topic", "protocol", "endpoint"],
    action: "sns:Subscribe",
    outputs: ({ id }) => ({ arn: id, pendingConfirmation: true }),
  },
  "sns/topicPolicy": { ...attachment((inputs) => text(inputs, "arn"), "sns:SetTopicAttributes"), replaces: ["arn"] },
  "resourcegroups/group": { id: "name", arn: "resource-groups:{region}:{account}:group/{name}", replaces: ["name"] },
};
