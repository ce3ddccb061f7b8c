export { PluginBuilder } from './plugin-builder.js';
export type { BuildOptions, BuildStep, Built } from './plugin-builder.js';
