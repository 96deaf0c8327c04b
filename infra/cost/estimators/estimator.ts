import type { Billed, Item } from "../line";
import type { Region } from "../prices/table";

/** What an estimate may look at beside the resource itself. */
export interface Surroundings {
  readonly region: Region;
  /** All resources of AWS's that the stack has. */
  readonly stack: readonly Billed[];
}

/** Tells what a resource of one type is billed for. */
export type Estimator = (resource: Billed, surroundings: Surroundings) => readonly Item[];

/** Estimators by the types that they are for; those of `alb` are kept under `lb`, whose other name it is. */
export type Estimators = Readonly<Record<string, Estimator>>;
