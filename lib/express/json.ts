import type { HookResponse } from './response.js';

/** How an application writes JSON. */
export interface JsonSettings {
  readonly replacer: Parameters<typeof JSON.stringify>[1];
  readonly spaces: Parameters<typeof JSON.stringify>[2];
  readonly escape: unknown;
}

/** The settings of an application for JSON. */
export function jsonSettings({ app }: Pick<HookResponse, 'app'>): JsonSettings {
  const get = (name: string) => app?.get(name) as never;
  return { replacer: get('json replacer'), spaces: get('json spaces'), escape: get('json escape') };
}

/** Writes a plugin's JSON with the application's settings, except the replacer, which has been applied before. */
export function rewriteJson(value: unknown, { spaces, escape }: JsonSettings): string {
  return escaped(JSON.stringify(value, null, spaces), escape);
}

/** Writes a value of the server with the application's settings. `undefined` if it has no JSON. */
export function writeJson(value: unknown, { replacer, spaces, escape }: JsonSettings): string | undefined {
  const text = JSON.stringify(value, replacer, spaces) as string | undefined;
  return text === undefined ? undefined : escaped(text, escape);
}

const escapes: Record<string, string> = { '<': String.raw`\u003c`, '>': String.raw`\u003e`, '&': String.raw`\u0026` };

function escaped(text: string, escape: unknown): string {
  return escape ? text.replaceAll(/[<>&]/g, (character) => escapes[character] ?? character) : text;
}
