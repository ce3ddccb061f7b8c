import Fuse from 'fuse.js';

const books = [
  "Old Man's War",
  'The Lock Artist',
  'HTML5',
  'Right Ho Jeeves',
  'The Code of the Wooster',
  'Thank You Jeeves',
];
const fuse = new Fuse(
  books.map((title) => ({ title })),
  { keys: ['title'], includeScore: true, includeMatches: true },
);

export const library = 'fuse.js';
export const inputs = ['jeves', 'the', 'lock arist', 'zzzz'];

export function use(input) {
  return fuse.search(input);
}
