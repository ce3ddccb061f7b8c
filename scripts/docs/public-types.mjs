import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { CommandError, root } from '../build/command.mjs';

/**
 * One option of an interface.
 *
 * @typedef {object} Option
 * @property {string} name
 * @property {string} type as it is written, without `undefined`
 * @property {boolean} isNumber
 * @property {string} doc its documentation, with an empty line between paragraphs
 */

/** The exported types of the package, as an editor sees them. */
export class PublicTypes {
  #checker;
  #exports;

  constructor() {
    const { exports: entries } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const files = Object.values(entries)
      .map((entry) => entry.require?.types)
      .filter(Boolean)
      .map((file) => path.join(root, file));
    const { options } = ts.getParsedCommandLineOfConfigFile(
      path.join(root, 'tsconfig.json'),
      { noEmit: true },
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
    );
    const program = ts.createProgram(files, options);
    this.#checker = program.getTypeChecker();
    const modules = files.map((file) => this.#checker.getSymbolAtLocation(program.getSourceFile(file)));
    this.#exports = new Map(
      modules.flatMap((module) => this.#checker.getExportsOfModule(module)).map((each) => [each.name, each]),
    );
  }

  /**
   * The options of an interface, inherited ones included.
   *
   * @param {string} name
   * @returns {Option[]}
   */
  options(name) {
    const symbol = this.#exports.get(name);
    if (symbol === undefined) {
      throw new CommandError(`the package exports no type ${name}`);
    }
    const type = this.#checker.getDeclaredTypeOfSymbol(this.#resolve(symbol));
    return this.#checker.getPropertiesOfType(type).map((property) => this.#option(property));
  }

  /**
   * The options of an interface without those that it shares with others.
   *
   * @param {string} name
   * @param {...string} others
   * @returns {Option[]}
   */
  own(name, ...others) {
    const shared = new Set(others.flatMap((other) => this.options(other)).map((option) => option.name));
    return this.options(name).filter((option) => !shared.has(option.name));
  }

  /** Follows an export that renames another one. */
  #resolve(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  #option(property) {
    const [declaration] = property.declarations;
    const type = typeText(declaration.type);
    const doc = ts
      .displayPartsToString(property.getDocumentationComment(this.#checker))
      .replaceAll(/\{@link ([^}|]+?) *(?:\|[^}]*)?\}/g, '`$1`')
      .trim();
    return { name: property.name, type, isNumber: type === 'number', doc };
  }
}

/** Removes `undefined`, and the parentheses that a function type needs next to it. */
function typeText(node) {
  const members = ts.isUnionTypeNode(node) ? node.types : [node];
  const kept = members.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
  const [only] = kept;
  const shown = kept.length === 1 && ts.isParenthesizedTypeNode(only) ? [only.type] : kept;
  return shown.map((member) => member.getText().replaceAll(/\s+/g, ' ')).join(' | ');
}
