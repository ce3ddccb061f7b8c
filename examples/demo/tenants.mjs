// Who uses the server, and the plugin that each of them brings.

/**
 * @typedef {object} Tenant
 * @property {string} id what the header `x-tenant` says
 * @property {string} [file] the plugin, as a path from the root of the repository
 * @property {string} [fixture] or as the name of a source in fixtures/, which is assembled first
 * @property {import('hookcell').LoadOptions} [options] such as limits in place of the runtime's
 */

/** @type {Tenant[]} */
export const tenants = [
  // One plugin, written in three languages. The server cannot tell.
  { id: 'acme', file: 'pdk/rust/validate_email.wasm' },
  { id: 'globex', file: 'pdk/assemblyscript/validate_email.wasm' },
  { id: 'initech', file: 'pdk/zig/validate_email.wasm' },

  // On the usual fuel its loop ends within milliseconds, as that of the next one does. Without end of it the deadline
  // has to step in.
  { id: 'evil-loop', fixture: 'endless_hook', options: { maxFuel: Number.MAX_SAFE_INTEGER } },
  { id: 'evil-fuel', fixture: 'endless_hook' },
  { id: 'evil-trap', fixture: 'crash' },
  { id: 'evil-memory', fixture: 'memory_bomb' },
  { id: 'evil-stack', fixture: 'endless_recursion' },
  { id: 'evil-text', fixture: 'not_json' },
  { id: 'evil-bounds', fixture: 'result_outside' },
  { id: 'evil-wasi', fixture: 'wasi' },
];
