import type { Properties } from "../values";
import type { World } from "../world";

/** The account, the region and the rest that a resource is made in. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly world: World;
}

/** What is known of a resource while its outputs are made. */
export interface Made extends Surroundings {
  readonly inputs: Properties;
  readonly id: string;
  readonly arn: string;
  /** Its name, where it has one. */
  readonly name: string;
}

/**
 * How AWS treats one type of resource, as far as programs notice.
 * What is written here of replacement is what the Terraform provider has as `ForceNew`.
 */
export interface Kind {
  /**
   * What its ID looks like: a prefix with 17 hexadecimal digits (`vpc-`), or `name`, `arn`, `uuid`, or a function of its inputs.
   */
  readonly id: string | ((inputs: Properties) => string);
  /** Its ARN without `arn:aws:`; `{region}`, `{account}`, `{id}`, `{name}` and `{hex}` are filled in. */
  readonly arn?: string;
  /** Properties, or paths of them, whose change makes a new one; `*` for every one but tags. */
  readonly replaces?: readonly string[];
  /** The property with its name, where it has one that Pulumi makes up when the program gives none. @default `name`, if it takes one */
  readonly named?: string;
  /** What names may be long; longer ones are refused. @default 255 */
  readonly longest?: number;
  /** Where two can't have the same name. @default "region", for those with a name */
  readonly unique?: "region" | "account" | "world" | "no";
  /** The code of AWS's error when they do. */
  readonly taken?: string;
  /** Numbers that can't become smaller. */
  readonly grows?: readonly string[];
  /** The permission that making one takes. @default its service, `Create` and its name */
  readonly action?: string;
  /** Whether it can't go while something else names it. */
  readonly held?: boolean;
  /** A property that keeps it from being deleted while it is true. */
  readonly protectedBy?: string;
  /** Outputs beside ID, ARN and what it was given. */
  outputs?(made: Made): Properties;
  /** What AWS refuses: a text that begins with the code of the error, or undefined. */
  refuses?(inputs: Properties, surroundings: Surroundings): string | undefined;
  /** What keeps it from being deleted, as {@link refuses}. */
  refusesEnd?(inputs: Properties): string | undefined;
  /** What else comes to exist, or goes, with it. */
  created?(made: Made): void;
  deleted?(made: Made): void;
}

/** Kinds by module and name, as in `ec2/instance`. */
export type Kinds = Readonly<Record<string, Kind>>;

/** A kind that is an attachment of things to each other: any change makes a new one. */
export const attachment = (id: string | ((inputs: Properties) => string), action?: string): Kind => ({
  id,
  action,
  replaces: ["*"],
  unique: "no",
});
