import * as pulumi from "@pulumi/pulumi";

/** A resource as the `up` before this one left it. */
export interface KnownResource {
  /** Its type, such as `docker:index/volume:Volume`. */
  readonly type: string;
  readonly name: string;
  /** What it has; secrets as they are. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * What the engine's state has of this stack; nothing on its first `up`. It says what was declared on a machine that can't be asked.
 * The engine itself has this function: `builtins.go`, https://github.com/pulumi/pulumi/tree/master/pkg/resource/deploy
 */
export async function ownResources(): Promise<readonly KnownResource[]> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
    readonly outputs: Readonly<Record<string, Omit<KnownResource, "name">>>;
  };
  return Object.entries(outputs).map(([urn, known]) => ({ name: urn.split("::").at(-1) ?? "", ...known }));
}
