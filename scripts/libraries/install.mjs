import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, runNpm } from '../build/command.mjs';

const source = path.join(root, 'pdk', 'javascript', 'libraries');
const home = path.join(root, 'target', 'libraries');

/**
 * Installs the libraries as the lock file says, in a folder of their own, because nothing else needs them. The programs are copied
 * beside them, so that Node.js and the builder find the same packages.
 *
 * @returns {Promise<string>} the folder
 */
export async function installLibraries() {
  const wanted = readFileSync(path.join(source, 'package-lock.json'), 'utf8');
  const current = path.join(home, 'installed.json');
  if (!existsSync(current) || readFileSync(current, 'utf8') !== wanted) {
    console.log('libraries: installing them into target/libraries');
    mkdirSync(home, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      cpSync(path.join(source, file), path.join(home, file));
    }
    await runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: home });
    writeFileSync(current, wanted);
  }
  for (const folder of ['programs', 'generated']) {
    rmSync(path.join(home, folder), { recursive: true, force: true });
  }
  cpSync(path.join(source, 'programs'), path.join(home, 'programs'), { recursive: true });
  mkdirSync(path.join(home, 'generated'));
  writeFileSync(path.join(home, 'generated', 'ajv-schema.cjs'), ajvSchema());
  writeFileSync(path.join(home, 'generated', 'handlebars-template.mjs'), handlebarsTemplate());
  return home;
}

const load = createRequire(path.join(home, 'package.json'));

/** The code that Ajv makes of a schema, as its documentation says for places without `new Function`. */
function ajvSchema() {
  const { Ajv } = load('ajv');
  const standalone = load('ajv/dist/standalone').default;
  const ajv = new Ajv({ allErrors: true, code: { source: true } });
  const line = {
    type: 'object',
    properties: { sku: { type: 'string', pattern: '^[A-Z]-\\d+$' }, quantity: { type: 'integer', minimum: 1 } },
    required: ['sku', 'quantity'],
  };
  const order = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 2, maxLength: 20 },
      size: { enum: ['s', 'm', 'l'] },
      lines: { type: 'array', items: line, minItems: 1, uniqueItems: true },
    },
    required: ['name', 'lines'],
    additionalProperties: false,
  };
  return standalone(ajv, ajv.compile(order));
}

/** The code that Handlebars makes of a template. */
function handlebarsTemplate() {
  const text = 'Dear {{name}},{{#each lines}}\n{{@index}}: {{quantity}} {{{item}}}{{else}} nothing{{/each}}';
  const code = load('handlebars').precompile(text);
  return `import Handlebars from 'handlebars/runtime.js';\n\nexport default Handlebars.template(${code});\n`;
}
