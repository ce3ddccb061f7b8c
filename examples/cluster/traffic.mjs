const IN_FLIGHT = 8;
const PRICE = 1_000;
/** Those of the versions that take traffic. */
const DISCOUNTS = new Set([10, 20]);

/** Sends orders of both tenants to all servers in turn, and checks every response. */
export class Traffic {
  #ports;
  #isStopped = false;
  #senders = [];
  sent = 0;
  /** Requests without the response that their tenant must get. */
  lost = [];
  /** How many of acme's orders had which discount, of those from a number on. */
  #discounts = new Map();
  #countedFrom = 0;
  #waiting = [];

  /** @param {number[]} ports of the servers */
  constructor(ports) {
    this.#ports = ports;
  }

  start() {
    this.#senders = Array.from({ length: IN_FLIGHT }, () => this.#send());
  }

  async stop() {
    this.#isStopped = true;
    await Promise.all(this.#senders);
  }

  /** Resolves the discounts of the next orders, about this many. Those under way began earlier and do not count. */
  async count(orders) {
    this.#countedFrom = this.sent;
    this.#discounts.clear();
    const target = this.sent + orders;
    await new Promise((resolve) => this.#waiting.push({ target, resolve }));
    return Object.fromEntries(
      [...this.#discounts].toSorted(([a], [b]) => a - b).map(([percent, n]) => [`${percent} %`, n]),
    );
  }

  /** One order, which asks for a job if it is a member's. */
  async order(number, { member = false } = {}) {
    const tenant = number % 2 === 0 ? 'acme' : 'globex';
    const response = await fetch(`http://127.0.0.1:${this.#portOf(number)}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenant': tenant },
      body: JSON.stringify({ email: ' Ada@Example.com', cents: PRICE, number, member }),
    });
    return { tenant, status: response.status, order: await response.json() };
  }

  /** Each tenant's orders go to all servers in turn. */
  #portOf(number) {
    return this.#ports[Math.floor(number / 2) % this.#ports.length];
  }

  async #send() {
    while (!this.#isStopped) {
      const number = this.sent;
      this.sent += 1;
      try {
        const { tenant, status, order } = await this.order(number);
        if (status !== 201 || order.number !== number || !isRight(tenant, order)) {
          this.lost.push(`${tenant} ${status} ${JSON.stringify(order)}`);
        } else if (tenant === 'acme' && number >= this.#countedFrom) {
          this.#discounts.set(order.percent, (this.#discounts.get(order.percent) ?? 0) + 1);
        }
      } catch (error) {
        this.lost.push(`${error.cause?.code ?? error.message}`);
      }
      this.#waiting = this.#waiting.filter(({ target, resolve }) => this.sent < target || resolve());
    }
  }
}

/** An order is as the plugin of its tenant leaves it, and no other plugin. */
function isRight(tenant, { email, cents, percent }) {
  return tenant === 'acme'
    ? DISCOUNTS.has(percent) && email === ' Ada@Example.com' && cents === PRICE - (PRICE * percent) / 100
    : email === 'ada@example.com' && cents === PRICE && percent === undefined;
}
