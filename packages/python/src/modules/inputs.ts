import type { InputSize } from '../errors.js';
import type { Gathered } from './gathered.js';

/** What a plugin is made of, the biggest first. */
export function inputsOf({ own, all }: Gathered): InputSize[] {
  const files = new Map(own.map(({ module }) => [module.name, module.file]));
  return all
    .map(({ name, code }) => ({ name: files.get(name) ?? name, bytes: code.length }))
    .toSorted((a, b) => b.bytes - a.bytes);
}
