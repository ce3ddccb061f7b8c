import { reject } from '../author/index.js';

/** An import of what this package has for authors. */
const own = /^([^\S\n]*)import\s*\{([^{}]*)\}\s*from\s*(?:"@hookcell\/javascript"|'@hookcell\/javascript')[^\S\n]*;?/gm;

/** On one line. The function has no comments that end with a line. */
const values = `{ reject: ${String(reject).replaceAll(/\s*\n\s*/g, ' ')} }`;

/** Replaces imports of `reject` by `reject`, because nothing is bundled. Everything stays on its line. */
export function inlineAuthorImports(code: string): string {
  return code.replaceAll(own, (all: string, indent: string, names: string) => {
    const lines = '\n'.repeat(all.split('\n').length - 1);
    return `${indent}const {${names.replaceAll(/\s+as\s+/g, ': ').replaceAll(/\s+/g, ' ')}} = ${values};${lines}`;
  });
}
