import bullmq = require('hookcell/bullmq');
import hookcell = require('hookcell');
import hooks = require('hookcell/hooks');
import otel = require('hookcell/otel');
import plugins = require('hookcell/plugins');
import prom = require('prom-client');
import prometheus = require('hookcell/prometheus');
import status = require('hookcell/status');

const runtime = new hookcell.WasmRuntime();
export const opened: Promise<plugins.PluginSet> = plugins.openPlugins(runtime, { folder: 'plugins' });
export const around = hooks.createHooks(runtime, { before: 'plugin' });
export const seen: status.StatusSnapshot = status.createStatus(runtime).snapshot();
export const worker: typeof bullmq.createHookWorker = bullmq.createHookWorker;
export const stops: (() => void)[] = [
  otel.instrument(runtime).stop,
  prometheus.collectMetrics(runtime, { register: new prom.Registry(), prefix: 'orders_' }).stop,
];

// @ts-expect-error: a set has a manifest or a folder.
void plugins.openPlugins(runtime);
