/**
 * What validation libraries such as zod, valibot and arktype have in common: the part of
 * [Standard Schema](https://standardschema.dev) that is needed here, so that any of them will do and none is required.
 *
 * @typeParam Input - what the schema takes
 * @typeParam Output - what it makes of that
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For inference alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says to a value: what it made of it, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** An issue as it is told to a client: plain JSON, whatever else the library keeps in it. */
export interface IssueDetail {
  path: (string | number)[];
  message: string;
}

/** What is wrong, for the `details` of an answer. */
export function issueDetails(issues: readonly SchemaIssue[]): IssueDetail[] {
  return issues.map(({ path = [], message }) => ({ path: path.map(pathKey), message }));
}

function pathKey(segment: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'symbol' ? String(key) : key;
}
