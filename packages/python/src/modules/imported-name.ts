import type { SourceModule } from './module.js';

/** The full name of what a module imports: `.b` in the package `a` is `a.b`. */
export function absoluteName(
  name: string,
  { name: importer, isPackage }: Pick<SourceModule, 'name' | 'isPackage'>,
): string {
  const level = /^\.*/.exec(name)![0].length;
  if (level === 0) {
    return name;
  }
  const parts = importer.split('.');
  const up = parts.slice(0, parts.length - level + (isPackage ? 1 : 0));
  return [...up, name.slice(level)].filter((part) => part !== '').join('.');
}
