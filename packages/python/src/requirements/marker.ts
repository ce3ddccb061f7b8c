// Conditions of requirements, such as `python_version < "3.11" and sys_platform != "win32"`.

import type { Environment } from './environment.js';

const token =
  /\s*(?:(?<sign>[()])|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<operator><=|>=|===?|!=|~=|<|>)|(?<word>[A-Za-z_][\w.]*))/y;
const mostTokens = 1_000;

interface Token {
  kind: 'sign' | 'text' | 'operator' | 'word';
  value: string;
}

/** Operands are compared as versions if one of them is the value of such a name. */
const versions = new Set(['python_version', 'python_full_version', 'implementation_version']);

interface Operand {
  text: string;
  isVersion: boolean;
}

/**
 * Does a condition hold?
 *
 * @throws {Error} that says what is wrong, if it is no condition
 */
export function holds(marker: string, environment: Environment): boolean {
  return new Reader(tokensOf(marker), environment).read();
}

/** Reads a condition from its tokens, and says whether it holds. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #environment: Environment;
  #at = 0;

  constructor(tokens: readonly Token[], environment: Environment) {
    this.#tokens = tokens;
    this.#environment = environment;
  }

  read(): boolean {
    const result = this.#either();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) {
      throw new Error(`${rest.value.slice(0, 100)} follows its end`);
    }
    return result;
  }

  #either(): boolean {
    let result = this.#both();
    while (this.#takes('word', 'or')) {
      result = this.#both() || result;
    }
    return result;
  }

  #both(): boolean {
    let result = this.#one();
    while (this.#takes('word', 'and')) {
      result = this.#one() && result;
    }
    return result;
  }

  #one(): boolean {
    if (this.#takes('sign', '(')) {
      const result = this.#either();
      if (!this.#takes('sign', ')')) {
        throw new Error('a parenthesis is not closed');
      }
      return result;
    }
    const left = this.#operand();
    const negated = this.#takes('word', 'not');
    const operator = this.#takes('word', 'in') ? 'in' : negated ? undefined : this.#operator();
    if (operator === undefined) {
      throw new Error('a comparison has no operator');
    }
    return compared(left, operator, this.#operand()) !== negated;
  }

  #takes(kind: Token['kind'], value: string): boolean {
    const next = this.#tokens[this.#at];
    const is = next?.kind === kind && next.value === value;
    this.#at += is ? 1 : 0;
    return is;
  }

  #operator(): string | undefined {
    const next = this.#tokens[this.#at];
    this.#at += 1;
    return next?.kind === 'operator' ? next.value : undefined;
  }

  #operand(): Operand {
    const next = this.#tokens[this.#at];
    this.#at += 1;
    if (next?.kind === 'text') {
      return { text: next.value, isVersion: false };
    }
    const name = next?.value.replaceAll('.', '_') ?? '';
    if (next?.kind !== 'word' || !Object.hasOwn(this.#environment, name)) {
      throw new Error(next === undefined ? 'it ends too early' : `${next.value.slice(0, 100)} is unknown`);
    }
    return { text: this.#environment[name]!, isVersion: versions.has(name) };
  }
}

function tokensOf(marker: string): Token[] {
  const found: Token[] = [];
  const text = marker.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const begin = token.lastIndex;
    const match = token.exec(text);
    if (match === null || found.length >= mostTokens) {
      throw new Error(match === null ? `${text.slice(begin, begin + 20)} is unknown` : 'it is too long');
    }
    const { sign, double, single, operator, word } = match.groups!;
    const kinds: [Token['kind'], string | undefined][] = [
      ['sign', sign],
      ['text', double ?? single],
      ['operator', operator],
      ['word', word],
    ];
    const [kind, value] = kinds.find(([, each]) => each !== undefined)!;
    found.push({ kind, value: value! });
  }
  return found;
}

function compared(left: Operand, operator: string, right: Operand): boolean {
  if (operator === 'in') {
    return right.text.includes(left.text);
  }
  if (operator === '===') {
    return left.text === right.text;
  }
  const order =
    left.isVersion || right.isVersion ? versionOrder(left.text, right.text) : textOrder(left.text, right.text);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return order >= 0 && isSameSeries(left.text, right.text);
  }
}

function textOrder(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `3.13` and `3.13.0` are the same, and so are `3.13.5` and `3.13.*`. */
function versionOrder(left: string, right: string): number {
  const one = left.split('.');
  const other = right.split('.');
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    if (one[at] === '*' || other[at] === '*') {
      return 0;
    }
    const difference = numberOf(one[at]) - numberOf(other[at]);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** `3.13.5 ~= 3.12`: all but the last part of the right one are the same. */
function isSameSeries(left: string, right: string): boolean {
  const series = right.split('.').slice(0, -1);
  return versionOrder(left.split('.').slice(0, series.length).join('.'), series.join('.')) === 0;
}

function numberOf(part: string | undefined): number {
  return Number(/^\d+/.exec(part ?? '')?.[0] ?? 0);
}
