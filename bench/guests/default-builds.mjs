import { readFileSync } from 'node:fs';

/**
 * The example of pdk/ as each compiler builds it by default, without the settings that keep its memory or its start-up
 * small. The modules are committed, since not everybody has the compilers; build-defaults.mjs makes them.
 *
 * @type {{ language: string, what: string }[]}
 */
export const defaultBuilds = [
  { language: 'rust', what: 'a stack of 1 MiB' },
  { language: 'assemblyscript', what: 'json-as and its cache of 1 MiB, which its start-up clears' },
  { language: 'zig', what: 'a stack of 1 MiB' },
];

/** The file of a language's default build. */
export function defaultFile(language) {
  return new URL(`defaults/${language}.wasm`, import.meta.url);
}

/** The module of a language's default build. */
export function defaultModule(language) {
  return readFileSync(defaultFile(language));
}
