import type { Language } from './language.js';
import { packageManifest } from './package-manifest.js';
import { buildWithPackage, packageTool } from './package.js';

const BUILDER = '@hookcell/python';

export const python: Language = {
  name: 'python',
  entry: 'src/plugin.py',
  tools: [[packageTool(BUILDER)]],
  build: buildWithPackage(BUILDER),
  files: (name) => ({
    'package.json': packageManifest(name, [BUILDER]),
    'src/plugin.py': `from hookcell import Answer, Context


def before_hook(ctx: Context) -> Answer | None:
    if ctx["input"]["day"] == "Sunday":
        return {"ok": False, "error": "closed on Sundays"}
`,
  }),
};
