import { UsageError } from '../exit.js';
import { shown } from '../terminal/shown-text.js';

/** Languages that types can be written in. */
export const typeLanguages = ['typescript', 'rust'] as const;

/** A language that types can be written in. */
export type TypeLanguage = (typeof typeLanguages)[number];

/**
 * The types of the values that a JSON Schema allows. A `$ref` leads only into the schema itself.
 *
 * @throws {UsageError} if the schema cannot be turned into types
 */
export async function typesOf(schema: object, name: string, language: TypeLanguage): Promise<string> {
  const outside = foreignReference(schema);
  if (outside !== undefined) {
    throw new UsageError(
      `$ref "${shown(outside)}" leads out of the schema; only references that start with # are followed`,
    );
  }
  try {
    return await writers[language](schema, name);
  } catch (error) {
    throw new UsageError(`no types can be made of the schema: ${shown((error as Error).message)}`);
  }
}

const writers: Record<TypeLanguage, (schema: object, name: string) => Promise<string>> = {
  async typescript(schema, name) {
    const { compile } = await import('json-schema-to-typescript');
    const { title: _, ...untitled } = schema as { title?: unknown };
    const options = { bannerComment: '', additionalProperties: false, strictIndexSignatures: true };
    return await compile(untitled, name, { ...options, $refOptions: { resolve: { external: false } } });
  },

  async rust(schema, name) {
    const { InputData, JSONSchemaInput, quicktype } = await import('quicktype-core');
    const source = new JSONSchemaInput(undefined);
    await source.addSource({ name, schema: JSON.stringify(schema) });
    const inputData = new InputData();
    inputData.addInput(source);
    const rendererOptions = { visibility: 'public' } as const;
    const { lines } = await quicktype({ inputData, lang: 'rust', rendererOptions, leadingComments: [] });
    return `${lines.join('\n').trim()}\n`;
  },
};

function foreignReference(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  for (const [key, each] of Object.entries(value)) {
    const found = key === '$ref' && typeof each === 'string' && !each.startsWith('#') ? each : foreignReference(each);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
