import { resolveFrom } from "./processes";

/**
 * What the engine starts for dynamic resources, those whose create, update and delete are functions of the program itself.
 * The provider is part of the SDK; it is loaded from the program's packages, because it runs the program's functions.
 */
void import(resolveFrom("@pulumi/pulumi/cmd/dynamic-provider", process.cwd()));
