// Requests whose plugins the Express middleware calls: with a hook before the handler, and usually one after it.

import { exampleFile, hostileCases, languages } from '../../targets.mjs';
import { judge } from './verdict.mjs';

/**
 * @typedef {object} Hooked a request to a handler with hooks around it
 * @property {string} token
 * @property {string} target the plugin, or the hostile case
 * @property {object} body
 * @property {import('./calls.mjs').Expected} expected
 *
 * @typedef {import('../clients/client.mjs').Client} Client
 */

/** The tenant's own plugin runs before and after the handler, which responds with its input. */
export function markedTwice(client) {
  const { tenant } = client;
  const token = client.token();
  const watch = tenant.watch();
  const body = { token, padding: client.padding(token) };
  return {
    token,
    target: tenant.name,
    body,
    expected: {
      codes: ['ok'],
      content: ({ body: answer }) => {
        const stored = {
          mark: tenant.expectedMark(watch, answer?.seen?.input?.mark),
          seen: client.contextOf(token, body),
        };
        const mark = tenant.expectedMark(watch, answer?.mark);
        return { body: { mark, seen: client.contextOf(token, stored, { stored }) } };
      },
      mayBeGone: () => tenant.mayBeGone(watch),
    },
  };
}

/** An example of pdk/ normalizes the address before the handler, and adds its domain after it. */
export function normalizedAndEnriched(client) {
  return example(client, (token) => {
    const email = `${token}@example.com`;
    return {
      body: { email: ` ${token.toUpperCase()}@EXAMPLE.com\n` },
      codes: ['ok'],
      content: () => ({ body: { stored: { email }, email, email_domain: 'example.com' } }),
    };
  });
}

/** An example of pdk/ rejects. */
export function refusedAddress(client) {
  return example(client, (token) => {
    const value = `${token} at example.com`;
    const details = [{ field: 'email', message: 'is not a valid address', value }];
    return {
      body: { email: value },
      codes: ['rejected'],
      content: () => ({ error: 'email is not valid', details }),
    };
  });
}

/** A plugin that misbehaves. The response does not say how. */
export function fails(client, name = client.random.pick(Object.keys(hostileCases))) {
  const token = client.token();
  return { token, target: name, body: { token }, expected: { codes: ['fault'] } };
}

/** @returns {import('./requests.mjs').Request} */
export function middlewareRequest(kind, client, { token, target, body, expected }) {
  return {
    kind,
    path: `/${client.runtime}/hooks/${encodeURIComponent(target)}`,
    headers: { 'x-request-id': token, 'x-tenant': client.tenant.name, 'x-user': client.name },
    body,
    judge: (answer) => [judge(expected, readAnswer(answer))].filter(Boolean),
  };
}

/** How the request ended, in the words of a call. */
function readAnswer({ status, body }) {
  if (body.refused !== undefined) {
    return body.refused;
  }
  switch (status) {
    case 201:
      return { code: 'ok', body };
    case 422:
      return { code: 'rejected', error: body.error, details: body.details };
    case 500:
    case 504:
      return { code: 'fault' };
    default:
      return { code: `status ${status}` };
  }
}

function example(client, describe) {
  const language = client.random.pick(languages);
  const state = client.examples.get(language);
  const watch = state.watch();
  const token = client.token();
  const { body, codes, content } = describe(token);
  return {
    token,
    target: exampleFile(language),
    body,
    expected: { codes, content, mayBeGone: () => state.mayBeGone(watch) },
  };
}
