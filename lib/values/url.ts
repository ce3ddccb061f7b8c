/** Whether it is a URL, by what it has: one of jsdom, of a polyfill or of another realm is no instance of this `URL`. */
export function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { href, protocol } = value as Partial<URL>;
  return typeof href === 'string' && typeof protocol === 'string';
}
