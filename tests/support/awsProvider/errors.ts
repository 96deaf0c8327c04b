import { hexOf } from "./values";

/** What is done to a resource. */
export type Deed = "create" | "read" | "update" | "delete";

/** How the name of an operation changes with what is done: what makes something begins otherwise than what ends it. */
const counterparts: readonly (readonly [begin: string, change: string, end: string])[] = [
  ["RunInstances", "ModifyInstanceAttribute", "TerminateInstances"],
  ["AllocateAddress", "AssociateAddress", "ReleaseAddress"],
  ["ChangeResourceRecordSets", "ChangeResourceRecordSets", "ChangeResourceRecordSets"],
  ["Create", "Modify", "Delete"],
  ["Put", "Put", "Delete"],
  ["Attach", "Attach", "Detach"],
  ["Associate", "Associate", "Disassociate"],
  ["Authorize", "Modify", "Revoke"],
  ["Register", "Register", "Deregister"],
  ["Add", "Add", "Remove"],
  ["Subscribe", "SetSubscriptionAttributes", "Unsubscribe"],
  ["Request", "Update", "Delete"],
  ["Import", "Import", "Delete"],
];

/**
 * The permission that a deed takes.
 * @param path Module and name of the type, as in `ec2/instance`.
 * @param creating The one for making it, where it is not its service, `Create` and its name.
 */
export function actionFor(path: string, creating: string | undefined, deed: Deed): string {
  const [module = "", name = ""] = path.split("/");
  const begin = creating ?? `${module}:Create${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const [service = "", operation = ""] = begin.split(":");
  if (deed === "create") return begin;
  const found = counterparts.find(([prefix]) => operation.startsWith(prefix));
  if (deed === "read") return `${service}:Describe${operation.replace(/^(Create|Put|Run)/, "")}`;
  if (!found) return `${service}:${deed === "update" ? "Modify" : "Delete"}${operation}`;
  return `${service}:${(deed === "update" ? found[1] : found[2]) + operation.slice(found[0].length)}`;
}

/** Codes of errors that say that something is not allowed. */
const denials: ReadonlySet<string> = new Set([
  "UnauthorizedOperation",
  "AccessDenied",
  "AccessDeniedException",
  "Forbidden",
]);

/** What AWS says with other codes, where it is known. */
const messages: Readonly<Record<string, string>> = {
  InsufficientInstanceCapacity: "We currently do not have sufficient capacity in the Availability Zone you requested.",
  VcpuLimitExceeded: "You have requested more vCPU capacity than your current vCPU limit allows.",
  RequestLimitExceeded: "Request limit exceeded.",
};

/**
 * An error as AWS's SDK for Go and the Terraform provider write it.
 * @param what What was going on: `creating EC2 Instance`.
 * @param action The permission that it takes: `ec2:RunInstances`.
 * @param code AWS's code of it.
 * @param message What AWS says. @default what it says with this code
 */
export function awsError(what: string, action: string, account: string, code: string, message?: string): Error {
  const [service = "", operation = ""] = action.split(":");
  const denied = denials.has(code);
  const said = message ?? (denied ? denial(action, account) : (messages[code] ?? "simulated"));
  return new Error(
    `${what}: operation error ${service.toUpperCase()}: ${operation}, https response error StatusCode: ` +
      `${denied ? 403 : 400}, RequestID: ${hexOf(what + code, 32)}, api error ${code}: ${said}`,
  );
}

const denial = (action: string, account: string): string =>
  `You are not authorized to perform this operation. User: arn:aws:iam::${account}:user/odoo is not authorized to perform: ` +
  `${action} because no identity-based policy allows the ${action} action`;

/** An error in the words of a kind: `CODE: what AWS says`, or a sentence of the provider itself. */
export function saidBy(what: string, action: string, account: string, said: string): Error {
  const [, code, message] = /^([A-Z][\w.]+): ([\s\S]*)$/.exec(said) ?? [];
  return code ? awsError(what, action, account, code, message) : new Error(`${what}: ${said}`);
}
