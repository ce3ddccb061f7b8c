/** The name of the environment variable that an object stands for: one whose only key is `env`. `undefined` for all others. */
export function referenceOf(value: object): string | undefined {
  const { env } = value as { env?: unknown };
  return typeof env === 'string' && Object.keys(value).length === 1 && Object.hasOwn(value, 'env') ? env : undefined;
}
