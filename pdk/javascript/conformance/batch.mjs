// Some tests in one module, which the engine and V8 both run. Each call runs one of them, in a realm of its own.

/** What a test throws, by its name: messages are for people, and each engine has its own. */
const nameOf = `const $nameOf = (error) => {
  try { return typeof error === 'object' && error !== null ? String(error.constructor?.name ?? error.name) : typeof error; }
  catch { return 'something'; }
};`;

/**
 * A test.
 *
 * @typedef {object} Test
 * @property {string} name its path
 * @property {string} top what its module has before it
 * @property {string} body the statements of a function
 * @property {boolean} isAsync whether it ends with a call of `$DONE`
 * @property {string} expected what it is meant to end with, as an outcome
 */

export class Batch {
  /** @param {Test[]} tests that have the same top */
  constructor(tests) {
    this.tests = tests;
  }

  /** The module. */
  get source() {
    const [{ top }] = this.tests;
    const functions = this.tests.map(({ body, isAsync }) => (isAsync ? asyncFunction(body) : plainFunction(body)));
    return `${top}
${nameOf}
const $tests = [${functions.join(',\n')}];
export const before_hook = async ({ input }) => {
  let said = 'passes';
  try { await $tests[input.test].call(globalThis); } catch (error) { said = 'throws ' + $nameOf(error); }
  return { ok: true, ctx: { data: [said] } };
};`;
  }
}

function plainFunction(body) {
  return `function () {\n${body}\n}`;
}

function asyncFunction(body) {
  return `function () { return new Promise(($resolve, $reject) => {
const $DONE = (error) => (error ? $reject(error) : $resolve());
${body}
}); }`;
}
