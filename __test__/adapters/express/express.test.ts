// Every adapter's behaviors, on Express 4 and 5.

import { problemHandler, wasmHooks } from 'hookcell/express';

import { closeServers, serveApp, versions } from '../../support/express';
import { describeBehaviors } from '../behaviors/behaviors';

for (const [name, express] of versions) {
  describeBehaviors(name, async ({ runtime, hooks, handle }) => {
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
