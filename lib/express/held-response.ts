import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Makes a response look sent while the hooks still work on its data, so that code which checks for that behaves as usual.
 * Headers cannot be changed any more (`ERR_HTTP_HEADERS_SENT`), `end()` does nothing, and later writes are refused. No `error`
 * event is emitted, because without a listener it would end the process.
 *
 * @param refused - is called with each method that wrote after the response
 * @returns a function that restores the response
 */
export function holdResponse(response: ServerResponse, refused: (action: string) => void): () => void {
  const { statusCode, statusMessage, req: request } = response;
  const socket = { value: respondingSocket(request.socket, response) };
  const releaseResponse = replace(response, {
    ...sentMembers,
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

/** The members of a response that has been sent. */
const sentMembers: Record<string, PropertyDescriptor> = {
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

/** The methods that write. A callback gets the error. */
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

/** Does something when the response has been sent. */
function afterwards(response: ServerResponse, end: () => void): ServerResponse {
  response.once('finish', end);
  return response;
}

const endings: ReadonlySet<PropertyKey> = new Set(['destroy', 'destroySoon', 'end', 'resetAndDestroy']);

/**
 * A request's socket that is closed only when the response has been sent. If a handler fails after its response, Express
 * destroys the socket at once; without hooks the response has been sent by then.
 */
function respondingSocket(socket: Socket | null, response: ServerResponse): Socket | null {
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

/** Replaces members of an object. Returns a function that restores them. */
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
