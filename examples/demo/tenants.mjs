// The tenants of the server, and their plugins.

/**
 * @typedef {object} Tenant
 * @property {string} id the header `x-tenant`
 * @property {string} [file] the plugin, as a path from the root of the repository
 * @property {string} [fixture] or as the name of a source in fixtures/, which is assembled first
 * @property {import('hookcell').LoadOptions} [options] such as limits instead of the runtime's
 */

/** @type {Tenant[]} */
export const tenants = [
  // One plugin in three languages. The server sees no difference.
  { id: 'acme', file: 'pdk/rust/validate_email.wasm' },
  { id: 'globex', file: 'pdk/assemblyscript/validate_email.wasm' },
  { id: 'initech', file: 'pdk/zig/validate_email.wasm' },

  // With the default fuel its loop would end within milliseconds, like that of the next one. With unlimited fuel it runs
  // until the deadline.
  { id: 'evil-loop', fixture: 'endless_hook', options: { maxFuel: Number.MAX_SAFE_INTEGER } },
  { id: 'evil-fuel', fixture: 'endless_hook' },
  { id: 'evil-trap', fixture: 'crash' },
  { id: 'evil-memory', fixture: 'memory_bomb' },
  { id: 'evil-stack', fixture: 'endless_recursion' },
  { id: 'evil-text', fixture: 'not_json' },
  { id: 'evil-bounds', fixture: 'result_outside' },
  { id: 'evil-wasi', fixture: 'wasi' },
];
