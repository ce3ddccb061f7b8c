export { PluginBuilder } from './plugin-builder.js';
export type { BuildStep, Built } from './plugin-builder.js';
export { onUnload } from '../loads/unloads.js';
export type { BuilderOptions, BuildOptions } from './builder-options.js';
