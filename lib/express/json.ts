import type { HookResponse } from './response.js';

/** How an application writes JSON. */
export interface JsonSettings {
  readonly replacer: Parameters<typeof JSON.stringify>[1];
  readonly spaces: Parameters<typeof JSON.stringify>[2];
  readonly escape: unknown;
}

/** What an application's settings say of JSON. */
export function jsonSettings({ app }: Pick<HookResponse, 'app'>): JsonSettings {
  const get = (name: string) => app?.get(name) as never;
  return { replacer: get('json replacer'), spaces: get('json spaces'), escape: get('json escape') };
}

/** A plugin's JSON as the application would write it, without its replacer, which has seen it. */
export function rewriteJson(value: unknown, { spaces, escape }: JsonSettings): string {
  return escaped(JSON.stringify(value, null, spaces), escape);
}

/** A value of the server's as the application writes it; `undefined` where there is nothing to write. */
export function writeJson(value: unknown, { replacer, spaces, escape }: JsonSettings): string | undefined {
  const text = JSON.stringify(value, replacer, spaces) as string | undefined;
  return text === undefined ? undefined : escaped(text, escape);
}

const escapes: Record<string, string> = { '<': String.raw`\u003c`, '>': String.raw`\u003e`, '&': String.raw`\u0026` };

function escaped(text: string, escape: unknown): string {
  return escape ? text.replaceAll(/[<>&]/g, (character) => escapes[character] ?? character) : text;
}
