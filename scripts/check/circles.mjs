import { CommandError } from '../build/command.mjs';
import { packages } from '../build/packages.mjs';
import { importsOf } from './imports.mjs';

const sources = packages.map(({ folder }) => `${folder}/src`);
const folders = ['crates/host/src', 'src', 'lib', ...sources, 'bench', 'soak', 'scripts'];

/** No two files import each other, directly or through others: data flows one way. */
export function checkCircles() {
  const circles = folders.flatMap((folder) =>
    circlesOf(importsOf(folder)).map((files) => `${folder}: ${files.join(', ')}`),
  );
  if (circles.length > 0) {
    throw new CommandError(['these files import one another in a circle:', ...circles].join('\n'));
  }
  console.log(`no circle of files in ${folders.join(', ')}`);
}

/**
 * Groups of files in which each file leads to every other (Tarjan's strongly connected components).
 *
 * @param {Map<string, Set<string>>} imports
 * @returns {string[][]} the groups of more than one file
 */
export function circlesOf(imports) {
  const order = new Map();
  const lowest = new Map();
  const open = [];
  const groups = [];

  function visit(file) {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    open.push(file);
    for (const next of imports.get(file)) {
      if (!order.has(next)) {
        visit(next);
        lowest.set(file, Math.min(lowest.get(file), lowest.get(next)));
      } else if (open.includes(next)) {
        lowest.set(file, Math.min(lowest.get(file), order.get(next)));
      }
    }
    if (lowest.get(file) === order.get(file)) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) {
        groups.push(group.toSorted());
      }
    }
  }

  for (const file of imports.keys()) {
    if (!order.has(file)) {
      visit(file);
    }
  }
  return groups;
}
