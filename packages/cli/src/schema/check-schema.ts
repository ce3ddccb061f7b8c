import { UsageError } from '../exit.js';
import { shown } from '../terminal/shown-text.js';

/** @throws {UsageError} if a value is no JSON Schema */
export async function checkSchema(value: unknown, name: string): Promise<void> {
  const isSchema = typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));
  if (!isSchema) {
    throw new UsageError(`${name} is not a JSON Schema: it is neither an object nor a boolean`);
  }
  // A later draft's schema of itself is not here, but its keywords are mostly the same.
  const { $schema: _, ...keywords } = value as { $schema?: unknown };
  const { Ajv } = await import('ajv');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  if (ajv.validateSchema(keywords) !== true) {
    throw new UsageError(`${name} is not a JSON Schema: ${shown(ajv.errorsText())}`);
  }
}
