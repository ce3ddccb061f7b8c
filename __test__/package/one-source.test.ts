// What Rust and TypeScript share has one source, and its documentation agrees with it.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { errorCodes, faultCodes } from 'hookcell';

import { faultCodes as nativeFaultCodes, MAX_CHAIN, refusalCodes } from '../../native';

const root = path.join(__dirname, '../..');

/** TypeScript turns the first into the second, which Rust does not have. */
const CANCELLED = 'ERR_CANCELLED';
const CLOSED = 'ERR_CLOSED';
/** Refusals of plugin sets, which are TypeScript. */
const OF_SETS = ['ERR_MANIFEST', 'ERR_SIGNATURE', 'ERR_SOURCE', 'ERR_FIXTURE', 'ERR_STORE', 'ERR_NO_VERSION'];

test('the error codes of TypeScript are those of Rust, and those of plugin sets', () => {
  const expected = refusalCodes().filter((code) => code !== CANCELLED);

  expect(Object.keys(errorCodes).toSorted()).toEqual([...expected, CLOSED, ...OF_SETS].toSorted());
});

test('the fault codes of TypeScript are those of Rust', () => {
  expect(Object.keys(faultCodes).toSorted()).toEqual(nativeFaultCodes().toSorted());
});

test.each(['index.d.ts', 'docs/decisions.md'])('%s gives the length of the longest chain', (file) => {
  const text = readFileSync(path.join(root, file), 'utf8');

  expect(text).toMatch(new RegExp(`at most ${MAX_CHAIN},|chain has ${MAX_CHAIN} plugins at most`));
});
