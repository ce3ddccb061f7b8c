import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { CommandError, root } from '../build/command.mjs';

/**
 * A limit: the name of its option, its bounds (inclusive), and its default unless that is computed.
 *
 * @typedef {{ name: string, min: number, max: number, default?: number }} Bounds
 */

/**
 * The bounds of every option that is a whole number, by its name (`maxQueue`, `isolate.timeoutMs`). The limits of a sandbox
 * come from the addon. The others are objects with `name`, `min` and `max` in lib/.
 *
 * @returns {Map<string, Bounds>}
 */
export function readBounds() {
  const { limitBounds } = createRequire(import.meta.url)('../../native/index.js');
  return new Map([...limitBounds(), ...boundsInLib()].map((bounds) => [bounds.name, bounds]));
}

function boundsInLib() {
  const folder = path.join(root, 'lib');
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.m?ts$/.test(file));
  return files.flatMap((file) => boundsInFile(path.join(folder, file)));
}

function boundsInFile(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    if (ts.isObjectLiteralExpression(node)) {
      const values = valuesOf(node, source);
      if (typeof values.name === 'string' && 'min' in values && 'max' in values) {
        found.push(values);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { name, ...numbers } of found) {
    if (Object.values(numbers).some((number) => typeof number !== 'number')) {
      throw new CommandError(`${path.relative(root, file)}: the bounds of ${name} must be written as plain numbers`);
    }
  }
  return found;
}

function valuesOf(object, source) {
  const assignments = object.properties.filter(ts.isPropertyAssignment);
  return Object.fromEntries(
    assignments.map(({ name, initializer }) => [name.getText(source), literalValue(initializer, source)]),
  );
}

function literalValue(node, source) {
  if (ts.isStringLiteral(node)) {
    return node.text;
  }
  if (ts.isNumericLiteral(node)) {
    return Number(node.text);
  }
  return node.getText(source) === 'Number.MAX_SAFE_INTEGER' ? Number.MAX_SAFE_INTEGER : undefined;
}
