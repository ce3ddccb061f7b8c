/**
 * The part of [Standard Schema](https://standardschema.dev) that is needed here. Zod, valibot, arktype and other libraries
 * follow it, so that any of them works and none is required.
 *
 * @typeParam Input - what the schema takes
 * @typeParam Output - what it makes of it
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Only for type inference. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** The result of a check: what the schema makes of the value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value, and its path. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** An issue as clients see it: plain JSON, without what else the library keeps in it. */
export interface IssueDetail {
  path: (string | number)[];
  message: string;
}

/** Issues for the `details` of a response. */
export function issueDetails(issues: readonly SchemaIssue[]): IssueDetail[] {
  return issues.map(({ path = [], message }) => ({ path: path.map(pathKey), message }));
}

function pathKey(segment: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'symbol' ? String(key) : key;
}
