/** Keywords that a type can say, and those that say nothing about a value. */
const TYPED = new Set([
  '$anchor',
  '$comment',
  '$defs',
  '$id',
  '$ref',
  '$schema',
  'additionalProperties',
  'allOf',
  'anyOf',
  'const',
  'default',
  'definitions',
  'deprecated',
  'description',
  'enum',
  'examples',
  'items',
  'oneOf',
  'properties',
  'readOnly',
  'required',
  'title',
  'type',
  'writeOnly',
]);

/** Keywords whose value is a map from names to schemas. */
const MAPS = new Set(['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']);

/** Keywords whose value is no schema. */
const VALUES = new Set(['const', 'default', 'enum', 'examples', 'required']);

/** The places of keywords that no type can say, such as `/properties/email/pattern`: only a check at run time can. */
export function untypedKeywords(schema: unknown, path = ''): string[] {
  if (Array.isArray(schema)) {
    return schema.flatMap((each, index) => untypedKeywords(each, `${path}/${index}`));
  }
  if (typeof schema !== 'object' || schema === null) {
    return [];
  }
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const below = `${path}/${keyword}`;
    const own = TYPED.has(keyword) ? [] : [below];
    if (VALUES.has(keyword)) {
      return own;
    }
    if (MAPS.has(keyword) && typeof value === 'object' && value !== null) {
      return own.concat(Object.entries(value).flatMap(([name, each]) => untypedKeywords(each, `${below}/${name}`)));
    }
    return own.concat(untypedKeywords(value, below));
  });
}
