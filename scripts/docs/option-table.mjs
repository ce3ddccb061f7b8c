import { CommandError } from '../build/command.mjs';

/** @typedef {import('./bounds.mjs').Bounds} Bounds */
/** @typedef {import('./public-types.mjs').Option} Option */

const GREATEST = Number.MAX_SAFE_INTEGER;

/**
 * Makes a table of options. Whole numbers have their default, bounds and unit, and other options their type.
 *
 * @param {Option[]} options
 * @param {Map<string, Bounds>} bounds
 * @param {object} [settings]
 * @param {string} [settings.prefix] before the options' names in `bounds`, such as `isolate.`
 * @param {(name: string) => string} [settings.levels] where the option can be set, for a column of its own
 */
export function optionTables(options, bounds, { prefix = '', levels } = {}) {
  const limits = options.filter(({ name }) => bounds.has(prefix + name));
  const others = options.filter((option) => !limits.includes(option));
  return [
    limits.length > 0 && limitTable(limits, (name) => bounds.get(prefix + name), levels),
    others.length > 0 &&
      table(
        ['Option', 'Type', ''],
        others.map(({ name, type, doc }) => [code(name), code(type), doc]),
      ),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function limitTable(limits, boundsOf, levels) {
  const heading = ['Option', 'Default', 'Bounds', 'Unit', ...(levels ? ['For'] : []), ''];
  const rows = limits.map(({ name, doc }) => {
    const bounds = boundsOf(name);
    const { fallback, meaning } = readDoc(doc.replaceAll(/\s+/g, ' '), bounds);
    const range = `${inWords(bounds.min, name)} to ${inWords(bounds.max, name)}`;
    return [code(name), fallback, range, unitOf(name), ...(levels ? [levels(name)] : []), meaning];
  });
  return table(heading, rows);
}

/**
 * Reads a limit's documentation, which says `Default 256 (16 MiB), 1 to 65,536 (4 GiB).` The numbers must be those of the
 * code.
 */
function readDoc(doc, { name, min, max, default: fallback }) {
  const note = String.raw`(?: \([^)]*\))?`;
  const range = new RegExp(`${escape(number(min))}${note} to ${escape(number(max))}${note}(?![\\d,]*\\d)`);
  if (!range.test(doc)) {
    throw new CommandError(`the documentation of ${name} must say "${number(min)} to ${number(max)}"`);
  }
  const [, words] = new RegExp(`Default (.+?)(?=, so that|, since|;|, ${range.source}|\\.(?: |$))`).exec(doc) ?? [];
  const isRight = fallback === undefined || new RegExp(`^${escape(number(fallback))}(?![\\d,]*\\d)`).test(words ?? '');
  if (words === undefined || !isRight) {
    throw new CommandError(`the documentation of ${name} must say "Default ${fallback ? number(fallback) : '…'}"`);
  }
  const sentences = doc.split(/(?<=\.)\s+(?=[A-Z0-9`])/);
  const bare = new RegExp(`^(?:Default ${escape(words)}, )?${range.source}\\.$`);
  return { fallback: words, meaning: sentences.filter((sentence) => !bare.test(sentence)).join(' ') };
}

/** A Markdown table. */
export function table(heading, rows) {
  return [line(heading), `|${'---|'.repeat(heading.length)}`, ...rows.map(line)].join('\n').replaceAll('|  |', '| |');
}

function line(cells) {
  return `| ${cells.map((cell) => cellText(cell)).join(' | ')} |`;
}

/** Keeps paragraphs apart, and escapes bars. */
function cellText(text) {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' '))
    .join('<br>')
    .replaceAll('|', String.raw`\|`);
}

/** A name or a type, as code. */
export function code(text) {
  return `\`${text}\``;
}

function number(value) {
  return value === GREATEST ? '2^53 - 1' : value.toLocaleString('en');
}

const steps = [
  {
    name: /Ms$/,
    units: [
      ['h', 3_600_000],
      ['min', 60_000],
      ['s', 1_000],
    ],
  },
  {
    name: /Bytes$/,
    units: [
      ['GiB', 2 ** 30],
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10],
    ],
  },
  {
    name: /Pages$/,
    units: [
      ['GiB', 2 ** 14],
      ['MiB', 2 ** 4],
    ],
  },
];

/** The number, followed by a larger unit if it is a whole number of those. */
function inWords(value, name) {
  const units = steps.find((step) => step.name.test(name))?.units ?? [];
  const unit = units.find(([, size]) => value >= size && value % size === 0);
  return unit === undefined || value === GREATEST ? number(value) : `${number(value)} (${value / unit[1]} ${unit[0]})`;
}

function unitOf(name) {
  const units = [
    [/Ms$/, 'ms'],
    [/Bytes$/, 'bytes'],
    [/Pages$/, 'pages of 64 KiB'],
    [/Fuel$/, 'units of fuel'],
  ];
  return units.find(([pattern]) => pattern.test(name))?.[1] ?? 'count';
}

function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
