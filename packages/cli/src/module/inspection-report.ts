import type { Painter } from '../terminal/colors.js';
import { count, counted, size } from '../terminal/numbers.js';
import { shown, shownJson } from '../terminal/shown-text.js';
import { properties, table } from '../terminal/table.js';
import type { Declarations, ModuleMemory } from './declarations.js';
import type { Inspection } from './inspection.js';
import type { Verdict } from './needed-limits.js';
import type { Producer } from './producers.js';
import type { Section } from './sections.js';

/** The inspection as `inspect.json` of the schemas describes it. */
export function inspectionJson(inspection: Inspection, verdict: Verdict): object {
  const { sections, declarations, producers, ...rest } = inspection;
  return {
    ...rest,
    sections: sectionsJson(sections),
    ...declarations,
    languages: producers?.languages ?? [],
    tools: producers?.tools ?? [],
    verdict: verdictJson(verdict),
  };
}

/** Sections as the schemas describe them. */
export function sectionsJson(sections: readonly Section[]): object[] {
  return sections.map(({ kind, name, bytes }) => (name === undefined ? { kind, bytes } : { kind, name, bytes }));
}

/** A verdict as the schemas describe it. */
export function verdictJson({ info, refusal, needed }: Verdict): object {
  if (refusal !== undefined) {
    const { code, message, limit } = refusal;
    return { accepted: false, refused: { code, message, ...(limit === undefined ? {} : { limit }) }, needed };
  }
  const { hooks, codeBytes, loadedInMs } = info ?? {};
  return { accepted: needed.length === 0, hooks, codeBytes, loadedInMs, needed };
}

/** The inspection for people. */
export function describeInspection(inspection: Inspection, verdict: Verdict, paint: Painter): string {
  const { sections, declarations, metadata, declaredLimits, problems } = inspection;
  const parts = [
    properties(mainProperties(inspection)),
    declarations === undefined ? '' : describeDeclarations(declarations, paint),
    sections.length === 0 ? '' : describeSections(inspection, paint),
    metadata === undefined ? '' : `${paint('bold', 'Says about itself')}\n${shownJson(metadata, 2)}`,
    declaredLimits === undefined ? '' : `${paint('bold', 'Declares limits')}\n${shownJson(declaredLimits, 2)}`,
    problems.map((problem) => `${paint('yellow', 'cannot be read:')} ${shown(problem)}`).join('\n'),
    describeVerdict(verdict, paint),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function mainProperties({ sha256, bytes, producers, targetFeatures, declarations }: Inspection): [string, string][] {
  const rows: [string, string][] = [
    ['sha256', sha256],
    ['size', `${size(bytes)} (${count(bytes)} bytes)`],
  ];
  const add = (name: string, values: readonly string[] = []) => {
    if (values.length > 0) {
      rows.push([name, shown(values.join(', '))]);
    }
  };
  add('language', producers?.languages.map(describeProducer));
  add('made by', producers?.tools.map(describeProducer));
  add('features', targetFeatures);
  add('memory', declarations?.memories.map(describeMemory));
  return rows;
}

function describeProducer({ name, version }: Producer): string {
  return version === '' ? name : `${name} ${version}`;
}

function describeMemory({ minPages, maxPages }: ModuleMemory): string {
  const most = maxPages === undefined ? 'no maximum of its own' : `at most ${count(maxPages)}`;
  return `${counted(minPages, 'page')} of 64 KiB at the start, ${most}`;
}

function describeDeclarations({ imports, exports, hasStart }: Declarations, paint: Painter): string {
  const exported = exports.map(({ name, type }) => [shown(name), type] as const);
  const imported = imports.map(({ module, name, type }) => [`${shown(module)}.${shown(name)}`, type] as const);
  const lists = [
    `${paint('bold', 'Exports')}\n${exported.length === 0 ? 'none' : properties(exported)}`,
    `${paint('bold', 'Imports')}\n${imported.length === 0 ? 'none' : properties(imported)}`,
  ];
  return [...lists, ...(hasStart ? ['It has a start section.'] : [])].join('\n\n');
}

/** The sections of a module, the largest first. */
export function describeSections({ sections, bytes }: Inspection, paint: Painter): string {
  const bySize = sections.toSorted((one, other) => other.bytes - one.bytes);
  const rows = bySize.map(({ kind, name, bytes: length }) => [
    name === undefined ? kind : `${kind} ${shown(name)}`,
    count(length),
    `${((length / bytes) * 100).toFixed(1)} %`,
  ]);
  return `${paint('bold', 'Sections')}\n${table(['section', 'bytes', 'share'], rows)}`;
}

/** What the host says about a plugin. */
export function describeVerdict({ info, refusal, needed }: Verdict, paint: Painter): string {
  const lines = needed.map(
    ({ limit, needed: value, message }) => `  ${limit}: ${count(value)} is enough (${shown(message)})`,
  );
  if (refusal !== undefined) {
    return [`${paint('red', 'The host refuses it:')} ${refusal.code} ${shown(refusal.message)}`, ...lines].join('\n');
  }
  if (needed.length > 0) {
    return [`${paint('yellow', 'The host takes it only with higher limits:')}`, ...lines].join('\n');
  }
  const hooks = info?.hooks.map(shown).join(', ') ?? '';
  return `${paint('green', 'The host takes it.')} Hooks: ${hooks}; ${size(info?.codeBytes ?? 0)} of machine code`;
}
