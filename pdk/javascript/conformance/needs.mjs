// What tests need that a plugin does not have.

/** Patterns of the text of a test, and why it does not run. */
const without = [
  [
    /\bflags: \[[^\]]*\b(?:noStrict|raw|module)\b/,
    'is no strict function: a plugin is a module, and a test is a function in one',
  ],
  [
    /\$262|\bdetachArrayBuffer|\bagent\b|\bgc\(\)/,
    'needs what only a test program has: another realm, the collector, a buffer that is taken away',
  ],
  [
    /\beval\b|\bFunction\s*\(|\bfnGlobalObject|GeneratorFunction\s*\(|AsyncFunction\s*\(|extends (?:Generator)?Function/,
    'compiles text, and a plugin has no parser',
  ],
  [/\b(?:SharedArrayBuffer|Atomics|Intl)\b/, 'needs what a plugin does not have'],
  [
    /\bfeatures: \[[^\]]*\b(?:tail-call-optimization|caller|dynamic-import|import\.meta)\b/,
    'needs what neither engine has in this form',
  ],
  [/\[native code\]|get_func_source|function_source/, 'reads the source of a function, which a plugin does not carry'],
];

/** Why a plugin's engine cannot run a test; undefined if it can. */
export function reasonAgainst(text) {
  return without.find(([pattern]) => pattern.test(text))?.[1];
}
