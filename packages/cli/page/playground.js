// The page of `hookcell playground`. It has no framework, works with the keyboard alone, and writes what a plugin says as text.

const find = (id) => document.querySelector(`#${id}`);
const context = find('context');
const config = find('config');

/** The calls that the page can start from. */
let starts = [];

/** The time and the seed of the call that the page started from. */
let granted = {};

/** The last call that was asked for, so that an earlier result does not replace a later one. */
let latest;

/** Has a call been made? Then it is made again when the plugin changes. */
let hasRun = false;

async function ask(path, body) {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, body === undefined ? {} : post);
  if (response.status === 403) {
    throw new Error('this address is not valid any more: open the one that the command wrote');
  }
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

function element(name, text, className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

function alertIn(id, text) {
  const place = find(id);
  place.textContent = text ?? '';
  place.hidden = text === undefined;
}

/** Shows the plugin and what can be called, and keeps what the user chose. */
async function refresh() {
  const state = await ask('state');
  const { name, sha256, bytes } = state.plugin;
  find('plugin').textContent = `${name}, ${bytes.toLocaleString('en')} bytes, SHA-256 ${sha256.slice(0, 12)}…`;
  alertIn('problem', state.problem);
  const isFirst = starts.length === 0;
  starts = state.starts;
  fill(
    find('start'),
    starts.map((start, index) => [String(index), start.name]),
  );
  fill(
    find('hook'),
    (state.hooks.length === 0 ? [starts[0].hook] : state.hooks).map((hook) => [hook, hook]),
  );
  if (isFirst) {
    begin(starts[0]);
  }
}

function fill(select, options) {
  const { value } = select;
  select.replaceChildren(
    ...options.map(([optionValue, text]) => Object.assign(element('option', text), { value: optionValue })),
  );
  if (options.some(([optionValue]) => optionValue === value)) {
    select.value = value;
  }
}

function begin(start) {
  const { now, seed } = start;
  granted = { ...(now === undefined ? {} : { now }), ...(seed === undefined ? {} : { seed }) };
  config.value = start.config === undefined ? '' : JSON.stringify(start.config, undefined, 2);
  find('granting').open = config.value !== '';
  context.value = JSON.stringify(start.context, undefined, 2);
  find('hook').value = start.hook;
  check();
}

/** The call that is on the page, or `undefined` after saying what is wrong with it. */
function check() {
  const read = parse(context, 'mistake', (value) => isObject(value) && isObject(value.input));
  const settings = config.value.trim() === '' ? {} : parse(config, 'wrong-config', () => true);
  if (config.value.trim() === '') {
    tell(config, 'wrong-config');
  }
  if (read === undefined || settings === undefined) {
    return undefined;
  }
  const chosen = 'value' in settings ? { config: settings.value } : {};
  return { hook: find('hook').value, context: read.value, ...granted, ...chosen };
}

/** The value of a text, or `undefined` after saying what is wrong with it. */
function parse(area, place, isRight) {
  try {
    const value = JSON.parse(area.value);
    const right = isRight(value);
    tell(area, place, right ? undefined : 'A context is an object with an object as its input.');
    return right ? { value } : undefined;
  } catch (error) {
    tell(area, place, `This is not JSON: ${error.message}`);
    return undefined;
  }
}

function tell(area, place, mistake) {
  area.setAttribute('aria-invalid', String(mistake !== undefined));
  alertIn(place, mistake);
}

/** Leads the user to what is wrong. */
function lead() {
  const isContext = context.getAttribute('aria-invalid') === 'true';
  find('granting').open ||= !isContext;
  (isContext ? context : config).focus();
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function run() {
  const call = check();
  if (call === undefined) {
    lead();
    return;
  }
  const own = (latest = {});
  hasRun = true;
  let view;
  try {
    view = await ask('run', call);
  } catch (error) {
    view = { outcome: 'failed', summary: `Nothing ran: ${error.message}` };
  }
  if (own === latest) {
    show(view);
  }
}

function show({ outcome, summary, difference, log, usage, result }) {
  const told = find('summary');
  told.textContent = summary;
  told.className = outcome === 'failed' ? 'refused' : outcome;
  find('details').hidden = result === undefined;
  if (result === undefined) {
    return;
  }
  find('usage').replaceChildren(...usage.map(usageRow));
  find('usage-label').hidden = usage.length === 0;
  find('difference').replaceChildren(...lines(difference, 'Nothing changed.'));
  find('log').replaceChildren(...(log.length === 0 ? [element('li', 'Nothing.', 'waiting')] : log.map(logLine)));
  find('answer').textContent = result;
  restart(find('details'), 'changed');
}

/** Draws attention to what changed; the style says how, and does not if the user wants no motion. */
function restart(place, className) {
  place.classList.remove(className);
  void place.offsetWidth;
  place.classList.add(className);
}

function usageRow({ name, value, limit, text }) {
  const row = document.createElement('div');
  const description = element('dd', '');
  if (value !== undefined) {
    const meter = Object.assign(document.createElement('meter'), { max: limit, high: limit * 0.8, value });
    meter.setAttribute('aria-label', `${name}, of its limit`);
    description.append(meter);
  }
  description.append(element('span', text));
  row.append(element('dt', name), description);
  return row;
}

function lines(difference, nothing) {
  if (difference.length === 0) {
    return [element('span', nothing, 'waiting')];
  }
  const classes = { '-': 'gone', '+': 'new' };
  return difference.map((line) => element('span', line === '' ? ' ' : line, classes[line[0]] ?? ''));
}

function logLine({ level, text }) {
  const line = document.createElement('li');
  line.className = level;
  line.append(element('span', level), element('span', text));
  return line;
}

async function save() {
  const call = check();
  const name = find('name');
  const said = find('saved');
  if (call === undefined) {
    lead();
    said.value = 'Not saved: there is a mistake in the call.';
    return;
  }
  if (name.value.trim() === '') {
    name.focus();
    said.value = 'A fixture needs a name.';
    return;
  }
  try {
    const { file } = await ask('save', { name: name.value, ...call });
    said.value = `Saved ${file}`;
    await refresh();
  } catch (error) {
    said.value = `Not saved: ${error.message}`;
  }
}

context.addEventListener('input', check);
config.addEventListener('input', check);
find('run').addEventListener('click', () => void run());
find('start').addEventListener('change', ({ target }) => begin(starts[Number(target.value)]));
find('saving').addEventListener('submit', (event) => {
  event.preventDefault();
  void save();
});
document.addEventListener('keydown', (event) => {
  const key = event.ctrlKey || event.metaKey ? event.key : '';
  if (key === 'Enter' || key === 's') {
    event.preventDefault();
    void (key === 's' ? save() : run());
  }
});

const events = new EventSource('events');
events.addEventListener('change', () => {
  void refresh().then(() => (hasRun ? run() : undefined));
});
events.addEventListener('error', () => alertIn('problem', 'The command has ended, or cannot be reached.'));
events.addEventListener('open', () => void refresh());
