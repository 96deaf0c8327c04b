import * as pulumi from "@pulumi/pulumi";

/** The type of a component, as Pulumi knows it, from its area and class. */
export const componentType = (kind: `${string}:${string}`): string => `odoo-stacks:${kind}`;

/**
 * The base of this project's components. Children are named after their parent, so that a name says where it belongs,
 * and always carry `parent: this`.
 */
export abstract class Component extends pulumi.ComponentResource {
  /**
   * @param kind Area and class, such as `topologies:SingleHost`; the type becomes `odoo-stacks:topologies:SingleHost`.
   * @param name The component's name; its children's names begin with it.
   */
  protected constructor(
    kind: `${string}:${string}`,
    protected readonly componentName: string,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentType(kind), componentName, {}, opts);
  }

  /** The name of a child, from what it is for. */
  protected childName(role: string): string {
    return `${this.componentName}-${role}`;
  }

  /** The options of a child: its parent is this component, whatever else is asked for. */
  protected child(opts: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
    return { ...opts, parent: this };
  }
}
