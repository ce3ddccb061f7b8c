// Gives a plugin the exports of the contract. Its hooks are exported functions of a Context; this writes, beside the file that
// has them, an entry that reads the context, calls the hook and returns the packed pointer of its answer.

import { CommonFlags, NodeKind, SourceKind } from 'assemblyscript';
import { Transform } from 'assemblyscript/transform';

const library = '@hookcell/assemblyscript';
const abort = `~lib/${library}/assembly/abort/abort`;
const plumbing = ['alloc', 'dealloc', 'log_ptr', 'log_len'];

export default class HookcellTransform extends Transform {
  afterParse(parser) {
    const entries = parser.sources.filter(({ sourceKind }) => sourceKind === SourceKind.UserEntry);
    const hooked = entries.filter((source) => source.statements.some(isHook));
    if (hooked.length === 0) {
      throw new Error(
        'there is no hook: export a function of a Context, such as before_hook(ctx: Context): Rejection | null',
      );
    }
    if (hooked.length > 1) {
      throw new Error(
        `hooks belong in one file, and there are ${hooked.map(({ normalizedPath }) => normalizedPath).join()}`,
      );
    }
    const [source] = hooked;
    // What the file exports is for the entry, and no longer for the host.
    source.sourceKind = SourceKind.User;
    parser.parseFile(entryOf(source), `${source.internalPath}_entry.ts`, true);
    // Instead of an import, which no plugin may have.
    this.program.options.globalAliases ??= new Map();
    this.program.options.globalAliases.set('abort', abort);
  }
}

function entryOf(source) {
  const hooks = source.statements.filter(isHook).map(({ name }) => name.text);
  const others = source.statements.filter((statement) => isExported(statement) && !isHook(statement));
  const file = JSON.stringify(`./${source.internalPath.split('/').at(-1)}`);
  return [
    `import { run } from '${library}/assembly/abi';`,
    `import '${library}/assembly/abort';`,
    `export { ${plumbing.join(', ')} } from '${library}/assembly/abi';`,
    `import { ${hooks.map((name) => `${name} as on_${name}`).join(', ')} } from ${file};`,
    ...others.map(({ name }) => `export { ${name.text} } from ${file};`),
    ...hooks.map((name) => `export function ${name}(ptr: usize, len: u32): u64 { return run(ptr, len, on_${name}); }`),
  ].join('\n');
}

function isHook(statement) {
  if (!isExported(statement) || statement.kind !== NodeKind.FunctionDeclaration) {
    return false;
  }
  const { parameters } = statement.signature;
  return parameters.length === 1 && parameters[0].type.name?.identifier?.text === 'Context';
}

function isExported(statement) {
  return statement.kind === NodeKind.FunctionDeclaration && (statement.flags & CommonFlags.Export) !== 0;
}
