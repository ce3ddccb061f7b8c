import express from 'express';
import { HookProblem, problemHandler, wasmHooks } from 'hookcell/express';
import { hostileCases } from '../targets.mjs';
import { answerTo, refusalOf } from './answers.mjs';
import { floodWithLargeResults } from './large-results.mjs';
import { visitRuntime } from './visits/visiting-runtime.mjs';
import { visitWorker } from './visits/visiting-worker.mjs';

/**
 * The server: hooks around a handler, calls on behalf of clients, plugins that are loaded and unloaded.
 *
 * @param {Record<string, import('./counted-runtime.mjs').CountedRuntime>} runtimes
 * @param {import('./tally.mjs').Tally} tally
 */
export function createApp(runtimes, tally) {
  const app = express();
  const json = express.json({ limit: '16mb' });

  app.post('/visits/worker', json, async ({ body }, response) => {
    response.json(await visitWorker(body, tally));
  });
  app.post('/visits/runtime', json, async ({ body }, response) => {
    response.json(await visitRuntime(body, tally));
  });

  for (const [name, runtime] of Object.entries(runtimes)) {
    const hooks = hooksOf(runtime);
    app.post(`/${name}/hooks/:target`, json, hooks, (request, response) => {
      response.status(201).json({ stored: request.body, email: request.body.email });
    });
    app.post(`/${name}/calls`, json, async ({ body }, response) => {
      response.json({ answers: await makeCalls(runtime, body, response) });
    });
    app.post(`/${name}/large-results`, json, async ({ body }, response) => {
      response.json(await floodWithLargeResults(runtime, body));
    });
    app.put(`/${name}/plugins/:plugin`, express.raw({ type: 'application/wasm' }), async (request, response) => {
      const { options, reload } = request.query;
      const load = reload === undefined ? 'loadPluginBytes' : 'reloadPlugin';
      response.json(await runtime[load](request.params.plugin, request.body, JSON.parse(options)));
    });
    app.put(`/${name}/files/:file`, async (request, response) => {
      response.json(await runtime.loadPlugin(request.params.file));
    });
    app.delete(`/${name}/plugins/:plugin`, (request, response) => {
      response.json({ code: runtime.unloadPlugin(request.params.plugin) ? 'unloaded' : 'not loaded' });
    });
  }

  app.use(answerRefusal);
  app.use(problemHandler());
  return app;
}

/** Makes a middleware for each plugin at its first request, as a server has one for each tenant. */
function hooksOf(runtime) {
  const middlewares = new Map();
  return (request, response, next) => {
    const { target } = request.params;
    let middleware = middlewares.get(target);
    if (middleware === undefined) {
      middleware = wasmHooks(runtime, {
        ...pluginsOf(target),
        user: (caller) => ({ id: caller.get('x-user'), role: 'client' }),
        tenantId: (caller) => caller.get('x-tenant'),
        headers: ['x-request-id'],
        // Plugins fault all the time here, and each fault must be seen.
        circuitBreaker: false,
        // A tenant that floods is also refused after its handlers.
        logger: false,
      });
      middlewares.set(target, middleware);
    }
    return middleware(request, response, next);
  };
}

function pluginsOf(target) {
  const hostile = hostileCases[target];
  return hostile === undefined
    ? { before: target, after: target }
    : { before: { plugin: hostile.plugin, ...hostile.options } };
}

/** Makes calls at once. All end if the client disconnects; otherwise each ends by itself. */
async function makeCalls(runtime, { calls, abortAllAfterMs }, response) {
  const shared = new AbortController();
  response.once('close', () => shared.abort(new Error('the client is gone')));
  const timers = [abortLater(shared, abortAllAfterMs)];
  const answers = await Promise.all(
    calls.map(({ plugin, hook, context, options, abortAfterMs }) => {
      const own = abortAfterMs === undefined ? shared : new AbortController();
      if (own !== shared) {
        timers.push(abortLater(own, abortAfterMs));
      }
      return answerTo(runtime.callHook(plugin, hook, context, { ...options, signal: own.signal }), own.signal);
    }),
  );
  timers.forEach(clearTimeout);
  return answers;
}

function abortLater(controller, ms) {
  const abort = () => controller.abort(new Error('the call is not wanted any more'));
  if (ms === 0) {
    abort();
  }
  return ms === undefined || ms === 0 ? undefined : setTimeout(abort, ms);
}

// Express recognizes an error handler by its four parameters.
function answerRefusal(error, _request, response, next) {
  const isProblem = error instanceof HookProblem;
  if (response.headersSent || (isProblem && error.failure.kind !== 'refused')) {
    next(error);
    return;
  }
  response.status(error.status ?? 500).json({ refused: refusalOf(isProblem ? error.failure.error : error) });
}
