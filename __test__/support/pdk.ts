import path from 'node:path';

const root = path.join(__dirname, '../..');

/** Plugins in Python are large and not committed: `npm run setup` builds them. */
const built = path.join(root, 'target/pdk/python');

/** A folder that keeps machine code of CPython's size for other test files. */
export const pythonCache = path.join(built, 'cache');

/** The module of an example in pdk/. */
export function exampleFile(language: string, name = 'validate_email'): string {
  const folder = language === 'python' ? path.join(built, 'plugins') : path.join(root, 'pdk', language);
  return path.join(folder, `${name}.wasm`);
}
