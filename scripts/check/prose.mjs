import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, trackedFiles } from '../build/command.mjs';

/** What CONTRIBUTING ("How we write English") rules out, with what to write instead. */
const phrases = [
  [/\bin place of\b/i, 'instead of'],
  [/\b(?:nobody|whoever|whosoever)\b/i, 'no user, anyone who, …'],
  [/\bthat which\b/i, 'what'],
  [/\bwhere (?:it|there) is none\b/i, 'if there is none'],
  [/\b(?:behaviour|colour|favour|honour|licence|neighbour|artefact)/i, 'American spelling'],
  [
    /\b(?:initiali|normali|reali|recogni|seriali|optimi|organi|summari|minimi|maximi|synchroni|utili)s(?:e|ed|es|ing|ation)\b/i,
    'American spelling',
  ],
];

/** CONTRIBUTING quotes the phrases. */
const skipped = new Set(['CONTRIBUTING.md']);

/** The folders of sources whose comments are checked. */
const folders = ['lib', 'src', 'crates', 'packages', '__test__', 'bench', 'examples', 'fuzz', 'pdk', 'scripts', 'soak'];
const source = /\.(?:[cm]?[jt]s|rs|zig)$/;

/** The pages, and the comments of the sources, are in the English that CONTRIBUTING asks for. Code in them is skipped. */
export async function checkProse() {
  const pages = (await trackedFiles('*.md')).filter((page) => !skipped.has(page));
  const files = (await trackedFiles(...folders)).filter((file) => source.test(file));
  const found = [...pages.flatMap((page) => findIn(page)), ...files.flatMap((file) => findIn(file, commentsOf))];
  if (found.length > 0) {
    throw new CommandError(found.join('\n'));
  }
  console.log(`${pages.length} pages, and the comments of ${files.length} files`);
}

/** The text with everything but comments blanked out. */
function commentsOf(text) {
  let comments = '';
  let end = 0;
  for (const { index, 0: comment } of text.matchAll(/\/\*.*?\*\/|(?<=^|\s)\/\/[^\n]*/gs)) {
    comments += blank(text.slice(end, index)) + comment;
    end = index + comment.length;
  }
  return comments + blank(text.slice(end));
}

/** Spaces instead of the text. Line breaks stay, for the line numbers. */
function blank(text) {
  return text.replaceAll(/[^\n]/g, ' ');
}

function findIn(file, proseOf = (text) => text) {
  const text = proseOf(readFileSync(path.join(root, file), 'utf8'));
  // The name of a test in quotes is code, too.
  const prose = text.replaceAll(/```.*?```|`[^`\n]*`|"[^"]*"/gs, blank);
  return phrases.flatMap(([pattern, instead]) =>
    Array.from(prose.matchAll(new RegExp(pattern, 'gi')), ({ index, 0: phrase }) => {
      const line = prose.slice(0, index).split('\n').length;
      return `${file}:${line}: "${phrase}" (${instead})`;
    }),
  );
}
