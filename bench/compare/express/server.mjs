// A server to measure, in its own process: `/without` and `/with` send the same response, the second after a before hook.

import express from 'express';
import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';

const plugin = import.meta.resolve('hookcell/pdk/validate_email.wasm');
const runtime = new WasmRuntime();
await runtime.loadPlugin(plugin);

const answer = (request, response) => response.json({ created: request.body.email });
const app = express();
app.use(express.json());
app.post('/without', answer);
app.post('/with', wasmHooks(runtime, { before: plugin }), answer);

const server = app.listen(0, '127.0.0.1', (error) => {
  if (error) {
    throw error;
  }
  process.send(server.address().port);
});
process.once('disconnect', () => process.exit());
