/** What `UserError` extends in the operator, in place of Pulumi's class of this name: that would bring its SDK along. */
export class RunError extends Error {}
