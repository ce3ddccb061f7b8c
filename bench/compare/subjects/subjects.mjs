import { extism } from './extism.mjs';
import { floor } from './floor.mjs';
import { hookcell } from './hookcell.mjs';
import { javascript } from './javascript.mjs';
import { isolatedVm } from './isolated-vm.mjs';
import { piscina } from './piscina.mjs';
import { python } from './python.mjs';
import { v8 } from './v8.mjs';

/**
 * Something that is measured.
 *
 * @typedef {object} Subject
 * @property {string} name what the tables call it; unique
 * @property {() => unknown} call one call; measured from before it until what it gives has resolved
 * @property {(result: unknown) => boolean} [isRight] whether a call did what it should. Default: any result will do
 * @property {boolean} [blocks] it runs on the event loop, which is then let go after each call, as between two requests
 * @property {number[]} [loads] how many calls are under way at a time. Default: all that are measured
 */

/**
 * Subjects that are set up together.
 *
 * @typedef {object} Group
 * @property {string} name
 * @property {(say: (text: string) => void) => Promise<{ subjects: Subject[], close(): Promise<unknown> }>} open
 */

/** @type {Group[]} in the order in which they take turns, and in which the tables show them */
export const groups = [floor, hookcell, javascript, python, v8, piscina, extism, isolatedVm];
