// The page where a tenant edits its hook. It has no framework, and works with the keyboard alone.

const find = (id) => document.querySelector(`#${id}`);
const source = find('source');
const context = find('context');
const lines = find('lines');
const problemLine = find('problem');

context.value = JSON.stringify({ input: { email: 'ada@example.com', item: ' Tea', quantity: 2 } }, undefined, 2);

/** The problem that is shown. */
let problem;

/** A marker for what was requested last, so that an earlier answer does not replace a later one. */
let latest;

async function ask(method, path, body) {
  const headers = { 'content-type': 'application/json', 'x-tenant': find('tenant').value };
  const content = body && { body: JSON.stringify(body) };
  const response = await fetch(`/editor/${path}`, { method, headers, ...content });
  const answer = await response.json();
  if (!response.ok && answer.problem === undefined) {
    throw new Error(answer.error ?? answer.title ?? `the server answers ${response.status}`);
  }
  return answer;
}

/** Runs something for a button, and says what became of it. */
async function act(what, work) {
  const own = (latest = {});
  find('status').value = `${what} …`;
  let told;
  try {
    told = await work(() => own === latest);
  } catch (error) {
    told = `Failed: ${error.message}`;
  }
  if (own === latest) {
    find('status').value = told ?? '';
  }
}

function show(found) {
  problem = found;
  problemLine.hidden = found === undefined;
  find('go').textContent = found ? `Line ${found.line}, column ${found.column}: ${found.message}` : '';
  source.setAttribute('aria-invalid', String(found !== undefined));
  numberLines();
}

function numberLines() {
  const count = source.value.split('\n').length;
  lines.replaceChildren(
    ...Array.from({ length: count }, (_, index) => {
      const line = document.createElement(problem?.line === index + 1 ? 'mark' : 'span');
      line.textContent = `${index + 1}\n`;
      return line;
    }),
  );
  lines.scrollTop = source.scrollTop;
}

/** Puts the cursor where the problem is. */
function goToProblem() {
  const before = source.value.split('\n').slice(0, problem.line - 1);
  const at = before.reduce((sum, line) => sum + line.length + 1, 0) + problem.column - 1;
  source.focus();
  source.setSelectionRange(at, at);
  const height = source.scrollHeight / source.value.split('\n').length;
  source.scrollTop = Math.max(0, (problem.line - 5) * height);
}

const load = () =>
  act('Loading', async (isLatest) => {
    const { source: text } = await ask('GET', 'hook');
    if (isLatest()) {
      source.value = text;
      source.scrollTop = 0;
      show(undefined);
    }
  });

const save = () =>
  act('Saving', async (isLatest) => {
    const { problem: found } = await ask('PUT', 'hook', { source: source.value });
    if (isLatest()) {
      show(found);
    }
    return found ? 'Not saved: the hook stays as it was.' : 'Saved. The next order runs it.';
  });

const tryOut = () =>
  act('Trying', async (isLatest) => {
    let given;
    try {
      given = JSON.parse(context.value);
    } catch (error) {
      find('result').textContent = `The context is not JSON: ${error.message}`;
      return '';
    }
    const { problem: found, result } = await ask('POST', 'trials', { source: source.value, context: given });
    if (isLatest()) {
      show(found);
      find('result').textContent = found ? 'The source has a problem.' : JSON.stringify(result, undefined, 2);
    }
    return '';
  });

find('save').addEventListener('click', save);
find('try').addEventListener('click', tryOut);
find('go').addEventListener('click', goToProblem);
find('tenant').addEventListener('change', load);
source.addEventListener('input', () => show(undefined));
source.addEventListener('scroll', () => (lines.scrollTop = source.scrollTop));
document.addEventListener('keydown', (event) => {
  const shortcut = event.ctrlKey || event.metaKey ? { s: save, Enter: tryOut }[event.key] : undefined;
  if (shortcut) {
    event.preventDefault();
    void shortcut();
  }
});

await load();
