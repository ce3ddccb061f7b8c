import { kitFile } from './kit.js';
import type { Language } from './language.js';
import { packageManifest } from './package-manifest.js';
import { buildWithPackage, packageTool } from './package.js';

const BUILDER = '@hookcell/python';

/** Where editors and type checkers find the types of the module `hookcell`, which only plugins have. */
const PYPROJECT = `[tool.mypy]
files = ["src"]
mypy_path = "node_modules/${BUILDER}/dist/stubs"
python_version = "3.13"
strict = true

[tool.pyright]
extraPaths = ["node_modules/${BUILDER}/dist/stubs"]
include = ["src"]
pythonVersion = "3.13"
reportMissingModuleSource = "none"
`;

export const python: Language = {
  name: 'python',
  entry: 'src/plugin.py',
  tools: [[packageTool(BUILDER)]],
  settings: ['requirements', 'wheels', 'zoneinfo'],
  build: buildWithPackage(BUILDER),
  files: (name) => ({
    'package.json': packageManifest(name, [BUILDER]),
    'pyproject.toml': PYPROJECT,
    'src/plugin.py': kitFile('python', 'closed_on_sundays.py'),
  }),
};
