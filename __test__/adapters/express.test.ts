// Every adapter's behaviours, on Express 4 and 5.

import { problemHandler, wasmHooks } from 'hookcell/express';

import { closeServers, serveApp, versions } from '../support/express';
import { describeBehaviours } from './behaviours';

for (const [name, express] of versions) {
  describeBehaviours(name, async ({ runtime, hooks, handle }) => {
    const { url } = await serveApp(express, (app) => {
      app.use(express.json({ strict: false }));
      app.post('/', wasmHooks(runtime, hooks), (request, response) => {
        const handled = handle(request.body);
        if ('sent' in handled) {
          response.send(handled.sent);
        } else {
          response.status(handled.status ?? 200).json(handled.json);
        }
      });
      app.use(problemHandler());
    });
    return { url, close: closeServers };
  });
}
