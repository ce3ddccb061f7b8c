export { generateSigningKeys, openPlugins, PluginSet, signManifest, verifyManifest } from './index.js';
export type * from './index.js';
