import { readFile } from 'node:fs/promises';
import path from 'node:path';

const HOME = path.join(__dirname, '../page');

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  read(): Promise<Buffer>;
}

/** The files of the page, by their paths. */
export const pageFiles: ReadonlyMap<string, PageFile> = new Map([
  ['', file('playground.html', 'text/html; charset=utf-8')],
  ['playground.css', file('playground.css', 'text/css; charset=utf-8')],
  ['playground.js', file('playground.js', 'text/javascript; charset=utf-8')],
]);

/** What the browser may do with the page: use these files, and nothing else. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function file(name: string, type: string): PageFile {
  return { type, read: () => readFile(path.join(HOME, name)) };
}
