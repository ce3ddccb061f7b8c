// What is sent to the server, and the expected results.

import { STATUS_CODES } from 'node:http';

/**
 * @typedef {object} Step one request
 * @property {string} tenant
 * @property {object} body
 * @property {Expected} expected
 * @property {string} [does] what the tenant's plugin does, if that matters here
 * @property {boolean} [brief] whether to show only its response
 *
 * @typedef {object} Expected
 * @property {number} status
 * @property {string} [outcome] `accepted`, `rejected`, or the code of a fault; omitted if no plugin is called
 * @property {object} answer the body without its `id`
 * @property {object} [stored] the row that is added to the database; omitted if there is none
 */

const accepted = {
  title: 'Accepted: the before hook normalizes the input, the after hook adds the domain to the answer',
  steps: [
    {
      tenant: 'acme',
      body: { email: '  Ada.Lovelace@Example.COM ', name: ' Ada Lovelace\t' },
      expected: created({ email: 'ada.lovelace@example.com', name: 'Ada Lovelace' }, 'example.com'),
    },
    {
      tenant: 'globex',
      body: { email: 'GRACE@mail.Example.com\n', name: 'Grace Hopper ' },
      expected: created({ email: 'grace@mail.example.com', name: 'Grace Hopper' }, 'mail.example.com'),
    },
    {
      tenant: 'initech',
      body: { email: ' Alan@Example.Org' },
      expected: created({ email: 'alan@example.org', name: null }, 'example.org'),
    },
    {
      // The same address with other capitals. After normalization, the database finds the duplicate.
      tenant: 'acme',
      body: { email: 'ADA.LOVELACE@example.com' },
      expected: { status: 409, outcome: 'accepted', answer: { error: 'email is taken' } },
    },
  ],
};

const rejected = {
  title: "Rejected: the client gets the plugin's reason and details",
  steps: [
    {
      tenant: 'acme',
      body: { email: 'ada@localhost' },
      expected: refused({ field: 'email', message: 'is not a valid address', value: 'ada@localhost' }),
    },
    {
      tenant: 'globex',
      body: { name: 'Nobody' },
      expected: refused({ field: 'email', message: 'is required', value: null }),
    },
  ],
};

const hostile = {
  title: 'Hostile: the plugin is stopped, the client sees no internals, and the next request is answered',
  steps: [
    attack('evil-loop', 'loops forever, with unlimited fuel', 'ERR_TIMEOUT'),
    ordinary('barbara@example.com'),
    attack('evil-fuel', 'loops forever, with the default fuel', 'ERR_FUEL'),
    ordinary('evelyn@example.com'),
    attack('evil-trap', 'executes `unreachable`', 'ERR_TRAP'),
    ordinary('donald@example.com'),
    attack('evil-memory', 'grows its memory until it is refused', 'ERR_MEMORY'),
    ordinary('edsger@example.com'),
    attack('evil-stack', 'recurses forever', 'ERR_STACK'),
    ordinary('frances@example.com'),
    attack('evil-text', 'answers something that is not JSON', 'ERR_RESULT'),
    ordinary('hedy@example.com'),
    attack('evil-bounds', 'answers from outside its memory', 'ERR_ABI'),
    ordinary('john@example.com'),
    {
      tenant: 'evil-wasi',
      does: 'imports file access, so it was never loaded',
      body: { email: 'mallory@example.com' },
      expected: { status: 403, answer: { error: 'x-tenant names no tenant' } },
    },
    ordinary('katherine@example.com'),
  ],
};

/** The scenarios are played one after the other, and so are their steps. */
export const scenarios = [accepted, rejected, hostile];

/** A request that runs until the deadline, and requests of another tenant that end in the meantime. */
export const meanwhile = {
  title: 'At the same time: while one plugin loops, other tenants are served',
  hostile: attack('evil-loop', 'loops forever, with unlimited fuel', 'ERR_TIMEOUT'),
  ordinary: (number) => ordinary(`user-${number}@example.com`),
};

function created(user, domain) {
  return { status: 201, outcome: 'accepted', answer: { ...user, email_domain: domain }, stored: user };
}

function refused(detail) {
  return { status: 422, outcome: 'rejected', answer: problem(422, { error: 'email is not valid', details: [detail] }) };
}

function attack(tenant, does, code) {
  const status = code === 'ERR_TIMEOUT' ? 504 : 500;
  const expected = { status, outcome: code, answer: problem(status, { error: STATUS_CODES[status] }) };
  return { tenant, does, body: { email: 'mallory@example.com' }, expected };
}

function problem(status, members) {
  return { title: STATUS_CODES[status], status, ...members };
}

function ordinary(email) {
  return { tenant: 'acme', body: { email }, brief: true, expected: created({ email, name: null }, 'example.com') };
}
