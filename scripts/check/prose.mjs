import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run } from '../build/command.mjs';

/** What CONTRIBUTING ("How we write English") rules out, with what to write instead. */
const phrases = [
  [/\bin place of\b/i, 'instead of'],
  [/\b(?:nobody|whoever|whosoever)\b/i, 'no user, anyone who, …'],
  [/\bthat which\b/i, 'what'],
  [/\bwhere (?:it|there) is none\b/i, 'if there is none'],
  [/\b(?:behaviour|colour|favour|honour|licence)/i, 'American spelling'],
  [/\b(?:initiali|normali|reali|recogni|seriali|optimi|organi|summari)s(?:e|ed|es|ing|ation)\b/i, 'American spelling'],
];

// What doc comments say is in the first; CONTRIBUTING quotes the phrases.
const passedOver = new Set(['docs/options.md', 'CONTRIBUTING.md']);

/** The pages are in the English that CONTRIBUTING asks for. Code in them is passed over. */
export async function checkProse() {
  const listed = await run('git', ['ls-files', '-z', '--', '*.md'], { output: 'capture' });
  const pages = listed.split('\0').filter((page) => page !== '' && !passedOver.has(page));
  const found = pages.flatMap((page) => findIn(page));
  if (found.length > 0) {
    throw new CommandError(found.join('\n'));
  }
  console.log(`${pages.length} pages`);
}

function findIn(page) {
  const text = readFileSync(path.join(root, page), 'utf8');
  // Line breaks stay, for the numbers; a name of a test in quotes is code, too.
  const prose = text.replaceAll(/```.*?```|`[^`\n]*`|"[^"]*"/gs, (code) => code.replaceAll(/[^\n]/g, ' '));
  return phrases.flatMap(([pattern, instead]) =>
    Array.from(prose.matchAll(new RegExp(pattern, 'gi')), ({ index, 0: phrase }) => {
      const line = prose.slice(0, index).split('\n').length;
      return `${page}:${line}: "${phrase}" (${instead})`;
    }),
  );
}
