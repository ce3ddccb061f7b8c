// Checks the manifests of examples/kubernetes/ with Kubernetes' own schemas, and what is in them.
//
//   npm run kubernetes [-- --full]
//
// It installs `kubernetes-validate` with pip, which brings the schemas, into target/. It is skipped if that is not possible; --full
// makes that an error.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, main, root, run, trackedFiles } from './build/command.mjs';
import { format } from './suites/tally.mjs';

const folder = 'examples/kubernetes';
const requirements = path.join(root, folder, 'requirements.txt');
const workshop = path.join(root, 'target', 'kubernetes');
const windows = process.platform === 'win32';
const python = path.join(workshop, 'python', windows ? 'Scripts/python.exe' : 'bin/python');

/** The oldest release that the manifests are for, and one that is current. */
const releases = ['1.30', '1.37'];

const toJson = 'import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))';
const matchesSchema =
  'import json, jsonschema, sys; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))';

let passed = 0;
const problems = [];

await main(async () => {
  const reason = await install();
  if (reason !== undefined) {
    if (process.argv.includes('--full')) {
      throw new CommandError(reason);
    }
    console.log(`${reason}: the manifests of ${folder} are NOT checked`);
    console.log(format({ passed: 0, failed: 0, skipped: 1 }));
    return;
  }
  const files = (await trackedFiles(`${folder}/*.yaml`)).map((file) => path.join(root, file));
  const documents = [];
  for (const file of files) {
    for (const release of releases) {
      await check(`${path.basename(file)} is of Kubernetes ${release}`, () => validate(file, release));
    }
    documents.push(...(await read(file)));
  }
  await check('a misspelled member is refused', refusesMisspelled);
  for (const { kind, metadata, data, spec } of documents) {
    if (kind === 'ConfigMap') {
      for (const [name, text] of Object.entries(data)) {
        await check(`${metadata.name} has a valid ${name}`, () => checkData(name, text));
      }
    } else if (kind === 'Deployment') {
      await check(`${metadata.name} names what there is`, () => checkPod(spec, documents));
    } else if (kind === 'Service') {
      await check(`${metadata.name} reaches pods`, () => checkService(spec, documents));
    }
  }
  for (const problem of problems) {
    console.log(`  failed: ${problem}`);
  }
  console.log(format({ passed, failed: problems.length + (files.length === 0 ? 1 : 0), skipped: 0 }));
  process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0;
});

/** Why the validator is not there; `undefined` if it is. */
async function install() {
  const pinned = readFileSync(requirements, 'utf8').trim();
  try {
    if (existsSync(python) && (await pip(['freeze'], { output: 'capture' })).includes(pinned)) {
      return undefined;
    }
    console.log(`installing ${pinned} with pip`);
    await run(windows ? 'python' : 'python3', ['-m', 'venv', path.dirname(path.dirname(python))]);
    await pip(['install', '--quiet', '--only-binary=:all:', '--requirement', requirements]);
    return undefined;
  } catch (error) {
    return `kubernetes-validate cannot be installed (${error.message})`;
  }
}

function pip(args, options) {
  return run(python, ['-m', 'pip', '--disable-pip-version-check', ...args], options);
}

async function check(text, make) {
  try {
    await make();
    passed += 1;
    console.log(`ok ${text}`);
  } catch (error) {
    problems.push(`${text}: ${error.message}`);
  }
}

async function validate(file, release, errors = 'terminal') {
  const args = ['-m', 'kubernetes_validate', '--strict', '--quiet', '--kubernetes-version', release, file];
  await run(python, args, { output: 'capture', errors });
}

async function read(file) {
  return JSON.parse(await run(python, ['-c', toJson, file], { output: 'capture' }));
}

/** Does the validator refuse anything at all? */
async function refusesMisspelled() {
  const copy = path.join(workshop, 'misspelled.yaml');
  const text = readFileSync(path.join(root, folder, 'server.yaml'), 'utf8');
  writeFileSync(copy, text);
  await validate(copy, releases[0]);
  writeFileSync(copy, text.replace('replicas:', 'replica:'));
  let isRefused = false;
  try {
    await validate(copy, releases[0], 'ignore');
  } catch {
    isRefused = true;
  }
  rmSync(copy);
  if (!isRefused) {
    throw new CommandError('it passed');
  }
}

async function checkData(name, text) {
  mkdirSync(workshop, { recursive: true });
  const copy = path.join(workshop, name);
  writeFileSync(copy, text);
  if (name.endsWith('.json')) {
    const schema = path.join(root, 'schemas', name);
    await run(python, ['-c', matchesSchema, copy, schema], { output: 'capture' });
  } else {
    await run(process.execPath, ['--check', copy], { output: 'capture' });
  }
}

/** Volumes, probes and labels of a pod name things of these files. */
function checkPod({ selector, template }, documents) {
  const { containers, volumes } = template.spec;
  const maps = new Set(documents.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name));
  const missing = [
    ...volumes
      .filter(({ configMap }) => configMap && !maps.has(configMap.name))
      .map(({ name }) => `the map of ${name}`),
    ...Object.entries(selector.matchLabels)
      .filter(([key, value]) => template.metadata.labels[key] !== value)
      .flat(),
  ];
  for (const container of containers) {
    missing.push(...missingInContainer(container, new Set(volumes.map(({ name }) => name))));
  }
  expectNone(missing);
}

function missingInContainer({ ports = [], volumeMounts, ...container }, volumes) {
  const mounted = new Set(volumeMounts.map(({ name }) => name));
  const open = new Set(ports.map(({ name }) => name));
  const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].filter((probe) => probe in container);
  return [
    ...[...volumes].filter((name) => !mounted.has(name)).map((name) => `a mount of ${name}`),
    ...[...mounted].filter((name) => !volumes.has(name)).map((name) => `the volume ${name}`),
    ...probes.filter((probe) => !open.has(container[probe].httpGet.port)).map((probe) => `the port of ${probe}`),
  ];
}

function checkService({ selector, ports }, documents) {
  const pods = documents.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template);
  const reached = pods.filter(({ metadata }) =>
    Object.entries(selector).every(([key, value]) => metadata.labels[key] === value),
  );
  const open = reached.flatMap(({ spec }) => spec.containers.flatMap((container) => container.ports ?? []));
  expectNone([
    ...(reached.length === 1 ? [] : [`one Deployment, and it finds ${reached.length}`]),
    ...ports
      .filter(({ targetPort }) => !open.some(({ name }) => name === targetPort))
      .map(({ name }) => `the port ${name}`),
  ]);
}

function expectNone(missing) {
  if (missing.length > 0) {
    throw new CommandError(`it lacks ${missing.join(', ')}`);
  }
}
