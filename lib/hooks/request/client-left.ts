/** Why the hooks of a request are given up: its client has disconnected. */
export class ClientLeft extends Error {
  constructor() {
    super('the client disconnected before the hooks before the handler ended');
  }
}
