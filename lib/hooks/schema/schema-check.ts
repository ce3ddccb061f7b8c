import { issueDetails } from './standard-schema.js';
import type { SchemaResult, StandardSchema } from './standard-schema.js';

/** Checks the values of one request against a schema, each only once. */
export class SchemaCheck {
  readonly #schema: StandardSchema | undefined;
  readonly #results = new Map<unknown, SchemaResult<unknown>>();

  constructor(schema: StandardSchema | undefined) {
    this.#schema = schema;
  }

  /** What the schema makes of the value. Without a schema, the value itself. */
  async result(value: unknown): Promise<SchemaResult<unknown>> {
    if (this.#schema === undefined) {
      return { value };
    }
    let result = this.#results.get(value);
    if (result === undefined) {
      result = await this.#schema['~standard'].validate(value);
      this.#results.set(value, result);
    }
    return result;
  }

  /** What is wrong with a changed value, if nothing was wrong with it before the change. */
  async worsened(before: unknown, after: unknown): Promise<string | undefined> {
    if (this.#schema === undefined || before === after) {
      return undefined;
    }
    const { issues } = await this.result(after);
    if (issues === undefined || (await this.result(before)).issues !== undefined) {
      return undefined;
    }
    const [first] = issueDetails(issues);
    const text = first === undefined ? 'it does not say why' : `${first.path.join('.')}: ${first.message}`;
    // A plugin may have chosen this text.
    return text.slice(0, 200);
  }

  /** Forgets its results, because values may have been changed in place. */
  forget(): void {
    this.#results.clear();
  }
}
