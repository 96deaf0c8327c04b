import { hexOf, type Properties, text } from "./values";

/** Makes a policy out of the statements that `aws.iam.getPolicyDocument` is given, as the provider does. */
export function policyDocument(args: Properties): Properties {
  const statements = list(args.statements).map((one) => statement(one as Properties));
  const document = { Version: text(args, "version") || "2012-10-17", Statement: statements };
  const json = JSON.stringify(document, undefined, 2);
  return { id: hexOf(json, 10), json, minifiedJson: JSON.stringify(document) };
}

function statement(given: Properties): Properties {
  const part = (name: string, value: unknown) => (list(value).length > 0 ? { [name]: one(list(value)) } : {});
  const conditions = list(given.conditions) as Properties[];
  return {
    ...(given.sid ? { Sid: given.sid } : {}),
    Effect: text(given, "effect") || "Allow",
    ...part("Action", given.actions),
    ...part("NotAction", given.notActions),
    ...part("Resource", given.resources),
    ...part("NotResource", given.notResources),
    ...principals("Principal", given.principals),
    ...principals("NotPrincipal", given.notPrincipals),
    ...(conditions.length > 0 ? { Condition: conditionsOf(conditions) } : {}),
  };
}

function principals(name: string, value: unknown): Properties {
  const given = list(value) as Properties[];
  if (given.length === 0) return {};
  if (given.some(({ type }) => type === "*")) return { [name]: "*" };
  return { [name]: Object.fromEntries(given.map(({ type, identifiers }) => [String(type), one(list(identifiers))])) };
}

function conditionsOf(conditions: readonly Properties[]): Properties {
  const tests = [...new Set(conditions.map(({ test }) => String(test)))];
  return Object.fromEntries(
    tests.map((test) => [
      test,
      Object.fromEntries(
        conditions
          .filter((one) => one.test === test)
          .map(({ variable, values }) => [String(variable), one(list(values))]),
      ),
    ]),
  );
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The only one of a list, as AWS writes lists of one. */
const one = (values: unknown[]): unknown => (values.length === 1 ? values[0] : values);
