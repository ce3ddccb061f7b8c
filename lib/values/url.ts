/** Is it a URL? It checks the members, because a URL of jsdom, a polyfill or another realm is no instance of this `URL`. */
export function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { href, protocol } = value as Partial<URL>;
  return typeof href === 'string' && typeof protocol === 'string';
}
