import { randomUUID } from 'node:crypto';

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} reason its reason phrase, such as `Created`
 * @property {any} body
 * @property {number} ms from the request to the end of the response, as the client sees it
 * @property {string} requestId the header `x-request-id` of the request
 */

/**
 * Sends a new user of a tenant to the server.
 *
 * @returns {Promise<Answer>}
 */
export async function postUser(url, tenant, user) {
  const requestId = randomUUID();
  const start = performance.now();
  const response = await fetch(new URL('/users', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-tenant': tenant, 'x-request-id': requestId },
    body: JSON.stringify(user),
  });
  const body = await response.json();
  return { status: response.status, reason: response.statusText, body, ms: performance.now() - start, requestId };
}
