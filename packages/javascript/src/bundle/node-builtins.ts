import { builtinModules } from 'node:module';

/** What a plugin does instead of importing a module of Node.js. */
const advice: Record<string, string> = {
  buffer: 'use Uint8Array, TextEncoder and TextDecoder',
  crypto: 'use a package in plain JavaScript, such as @noble/hashes',
  fs: 'import the data as a .json file, which is bundled, or let the server pass it in',
  timers: 'a plugin has no timers',
  url: 'URL and URLSearchParams are global',
  util: 'TextEncoder, TextDecoder and structuredClone are global',
};

/** Modules of Node.js that npm has in plain JavaScript, under the same name. */
const onNpm = new Set(['assert', 'events', 'path', 'punycode', 'querystring', 'string_decoder']);

const ofServer = new Set(['dgram', 'dns', 'http', 'http2', 'https', 'net', 'tls']);

/** What to do about an import of a module of Node.js, or undefined if this is none. */
export function adviceOnBuiltin(specifier: string): string | undefined {
  const [, name = '', rest = ''] = /^(?:node:)?([^/]+)(\/.*)?$/.exec(specifier) ?? [];
  if (!specifier.startsWith('node:') && !builtinModules.includes(name + rest) && !builtinModules.includes(name)) {
    return undefined;
  }
  if (ofServer.has(name)) {
    return 'a plugin has no network: let the server fetch, and pass on what it got';
  }
  if (onNpm.has(name)) {
    return `npm has it in plain JavaScript: npm install ${name}, and import '${name}'`;
  }
  return advice[name] ?? 'a plugin gets everything in its context';
}
