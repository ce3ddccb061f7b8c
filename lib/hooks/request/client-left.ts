/** Why the hooks of a request are given up: nobody waits for the answer. */
export class ClientLeft extends Error {
  constructor() {
    super('the client has left before the hooks before the handler ended');
  }
}
