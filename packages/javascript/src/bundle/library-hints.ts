import type { Warning } from './bundle-problems.js';
import { shownFile } from './file-name.js';

/** Modules of packages that answer wrongly in a hook without an exception that reaches it, and what to do. */
const hints: readonly (readonly [module: RegExp, hint: string])[] = [
  [
    /(?:^|\/)node_modules\/dayjs\/(?:esm\/)?plugin\/customParseFormat(?:\/index)?\.js$/,
    'dayjs/plugin/customParseFormat asks for the time even if the text has a full date, and takes the exception for an invalid date: ' +
      'let the server grant the time ("now"), or read dates without this plugin',
  ],
];

/** What is to be known of the modules that a plugin is made of. */
export function libraryHints(files: readonly string[]): Warning[] {
  return hints.flatMap(([module, message]) => {
    const file = files.find((name) => module.test(name.replaceAll('\\', '/')));
    return file === undefined ? [] : [{ message, file: shownFile(file) }];
  });
}
