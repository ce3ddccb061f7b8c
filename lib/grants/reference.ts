/** The name of the environment variable that an object stands for: one whose only key is `env`. `undefined` for all others. */
export function referenceOf(value: object): string | undefined {
  const entries = Object.entries(value);
  const [first] = entries;
  return entries.length === 1 && first?.[0] === 'env' && typeof first[1] === 'string' ? first[1] : undefined;
}
