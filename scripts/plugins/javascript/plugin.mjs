import { inspect } from 'node:util';
import path from 'node:path';
import { CommandError } from '../../build/command.mjs';
import { packageSteps } from '../../build/packages.mjs';
import { orMissing } from '../compiler.mjs';

/** The keys and shapes of a context, which a call then finds. */
const sample = {
  input: { email: 'ada@example.com', name: 'Ada' },
  data: { email: 'ada@example.com' },
  user: { id: 'u1', role: 'admin' },
  headers: { 'x-request-id': '7' },
  tenant_id: 'acme',
};

/** Builds a plugin from a module in TypeScript, with the package as an author uses it. */
export async function buildPlugin(file, say) {
  await refreshPackages();
  const builder = await orMissing('the package is not built', () => import('@hookcell/javascript'));
  say(`building ${path.basename(file)} in a sandbox`);
  try {
    const { wasm } = await builder.buildPlugin({ entry: file }, { samples: [sample] });
    return wasm;
  } catch (cause) {
    throw cause instanceof builder.PluginBuildError
      ? new CommandError(`the plugin cannot be built: ${inspect(cause)}`, { cause })
      : cause;
  }
}

/** The package has a copy of the engine, which may just have been built. */
async function refreshPackages() {
  for (const step of packageSteps.filter(({ isCurrent }) => !isCurrent())) {
    await step.make();
  }
}
