import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Makes a response look answered while its answer is still with the hooks: what acts at once on one that has been answered
 * acts so here. Headers can no longer be changed (`ERR_HTTP_HEADERS_SENT`), `end()` is nothing new, and what is written
 * behind the answer is refused. Nothing is emitted as an `error`, which would end the process where nobody listens.
 *
 * @param refused - is told of what was written behind the answer
 * @returns what gives the response back as it was
 */
export function holdResponse(response: ServerResponse, refused: (action: string) => void): () => void {
  const { statusCode, statusMessage, req: request } = response;
  const socket = { value: answeringSocket(request.socket, response) };
  const releaseResponse = replace(response, {
    ...answered,
    ...refusedWrites(response, refused),
    destroy: { value: (error?: Error) => afterwards(response, () => response.destroy(error)) },
    socket,
  });
  const releaseRequest = replace(request, { socket });
  return () => {
    releaseResponse();
    releaseRequest();
    response.statusCode = statusCode;
    response.statusMessage = statusMessage;
  };
}

const yes = { get: () => true };
const nothing = { value: () => undefined };

/** What a response says of itself when it has been answered. */
const answered: Record<string, PropertyDescriptor> = {
  headersSent: yes,
  writableEnded: yes,
  finished: yes,
  setHeader: headersSent('set'),
  setHeaders: headersSent('set'),
  appendHeader: headersSent('append'),
  removeHeader: headersSent('remove'),
  writeHead: headersSent('write'),
  flushHeaders: nothing,
  addTrailers: nothing,
};

function headersSent(action: string): PropertyDescriptor {
  return {
    value() {
      const message = `Cannot ${action} headers after they are sent to the client`;
      throw Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' });
    },
  };
}

/** The methods that write: whoever gave a callback is told there. */
function refusedWrites(
  response: ServerResponse,
  refused: (action: string) => void,
): Record<string, PropertyDescriptor> {
  function refuse(action: string, callback: unknown): void {
    refused(action);
    if (typeof callback === 'function') {
      const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
      process.nextTick(callback, error);
    }
  }
  return {
    write: {
      value(...given: unknown[]) {
        refuse('write', given.at(-1));
        return false;
      },
    },
    end: {
      value(...given: unknown[]) {
        const callback = given.find((argument) => typeof argument === 'function');
        if (typeof given[0] !== 'function' && Boolean(given[0])) {
          refuse('end', callback);
        } else if (callback !== undefined) {
          response.once('finish', callback as () => void);
        }
        return response;
      },
    },
  };
}

/** Does something when the answer has been sent. */
function afterwards(response: ServerResponse, end: () => void): ServerResponse {
  response.once('finish', end);
  return response;
}

const endings: ReadonlySet<PropertyKey> = new Set(['destroy', 'destroySoon', 'end', 'resetAndDestroy']);

/**
 * A request's socket that is closed when the answer has been sent: Express destroys it at once where a handler fails after
 * it has answered, which on a plain answer is after it has been sent too.
 */
function answeringSocket(socket: Socket | null, response: ServerResponse): Socket | null {
  if (socket === null) {
    return null;
  }
  return new Proxy(socket, {
    get(target, key) {
      if (endings.has(key)) {
        return () => {
          afterwards(response, () => target.destroySoon());
          return target;
        };
      }
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
}

/** Puts members in front of an object's own; gives what takes them away again. */
function replace(object: object, members: Record<string, PropertyDescriptor>): () => void {
  const before = Object.keys(members).map((name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const);
  for (const [name, member] of Object.entries(members)) {
    const isValue = Object.hasOwn(member, 'value');
    Object.defineProperty(object, name, { ...member, ...(isValue && { writable: true }), configurable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) {
        Reflect.deleteProperty(object, name);
      } else {
        Object.defineProperty(object, name, descriptor);
      }
    }
  };
}
