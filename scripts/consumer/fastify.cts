import Fastify = require('fastify');
import adapter = require('hookcell/fastify');

export const app = Fastify();
void app.register(adapter.hookcell, { plugins: [new URL('file:///plugin.wasm')] });
