import { PackagePlugins } from './support/package-plugins';

const plugins = new PackagePlugins();
const places = plugins.places.bind(plugins);
const call = plugins.call.bind(plugins);

beforeAll(() => plugins.open(), 240_000);
afterAll(() => plugins.close());

describe.each([
  ['folder', 0],
  ['wheel', 1],
] as const)('a package in a %s', (_, which) => {
  test('reads its data files at the top level and in a call, and no others', async () => {
    const place = places({
      'stored/__init__.py': `
import pkgutil
from importlib import resources
early = resources.files("stored").joinpath("data/a.json").read_text(encoding="utf-8")
def read(name):
    try:
        return [pkgutil.get_data("stored", name).hex(), (resources.files("stored") / name).read_bytes().hex()]
    except OSError as error:
        return type(error).__name__
`,
      'stored/data/a.json': '{"é": 1}',
      'stored/data/b.bin': '\0ÿ"\\',
    })[which];
    const source =
      'import stored\ndef before_hook(ctx): return {"data": [stored.early, *map(stored.read, ctx["input"]["given"])]}';
    const given = ['data/b.bin', 'data/c.bin', '../x', '/etc/passwd'];
    const bytes = Buffer.from('\0ÿ"\\').toString('hex');
    const { data } = await call(source, { packages: [place] }, given);
    expect(data).toEqual(['{"é": 1}', [bytes, bytes], 'FileNotFoundError', 'FileNotFoundError', 'FileNotFoundError']);
  });

  test('reads its data files with open, os and pathlib', async () => {
    const place = places({
      'opened/__init__.py': '',
      'opened/deep/reader.py': `
import os
from pathlib import Path
here = os.path.dirname(os.path.abspath(__file__))
data = os.path.join(here, "..", "data")
def read(name):
    path = os.path.join(data, name)
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        with open(path, "rb") as file:
            size = len(file.read())
        return [lines, size, os.path.getsize(path), os.path.isfile(path), Path(path).exists(), Path(path).read_text() != ""]
    except OSError as error:
        return [type(error).__name__, os.path.exists(path), os.access(path, os.R_OK)]
def listed():
    return [sorted(os.listdir(data)), [[os.path.basename(at), folders, files] for at, folders, files in os.walk(data)],
        sorted(str(each) for each in Path(data).resolve().glob("*.txt")), os.path.isdir(data), os.path.isfile(data)]
def write():
    try:
        open(os.path.join(data, "a.txt"), "w")
    except OSError as error:
        return type(error).__name__
`,
      'opened/data/a.txt': 'é\r\nb',
      'opened/data/more/b.bin': 'b',
    })[which];
    const source = `from opened.deep import reader
def before_hook(ctx): return {"data": [*map(reader.read, ctx["input"]["given"]), *reader.listed(), reader.write()]}`;
    const { data } = await call(source, { packages: [place] }, ['a.txt', 'c.txt', '../../../etc/passwd']);
    const absent = ['FileNotFoundError', false, false];
    expect(data).toEqual([
      [['é', 'b'], 5, 5, true, true, true],
      absent,
      absent,
      ['a.txt', 'more'],
      [
        ['data', ['more'], ['a.txt']],
        ['more', [], ['b.bin']],
      ],
      ['/site-packages/opened/data/a.txt'],
      true,
      false,
      'FileNotFoundError',
    ]);
  });

  test('finds its version and its entry points, a folder of data, and the path of a file', async () => {
    const place = places({
      'told/__init__.py': `
from importlib import metadata, resources
inside = resources.files("told.folder").joinpath("b.txt").read_text()
version = metadata.version("Told.Package")
def uses():
    with resources.as_file(resources.files("told") / "a.txt") as path:
        read = open(path).read()
    names = [each.name for each in metadata.entry_points(group="told.parts")]
    try:
        return [version, names, read + inside, metadata.metadata("told-package")["Summary"], metadata.version("other")]
    except metadata.PackageNotFoundError as error:
        return [version, names, read + inside, str(error)]
`,
      'told/a.txt': 'a',
      'told/folder/b.txt': 'b',
      'told_package-1.2.dist-info/METADATA':
        'Metadata-Version: 2.1\nName: told-package\nVersion: 1.2\n\nA long text.\n',
      'told_package-1.2.dist-info/entry_points.txt': '[told.parts]\none = told:one\n',
      'told_package-1.2.dist-info/RECORD': 'no',
    })[which];
    const source = 'import told\ndef before_hook(ctx): return {"data": told.uses()}';
    const { data, report } = await call(source, { packages: [place] });
    expect(data).toEqual(['1.2', ['one'], 'ab', 'No package metadata was found for other']);
    expect(report.inputs).toContainEqual({ name: 'site-packages/told_package-1.2.dist-info/METADATA', bytes: 53 });
  });

  test('whose data files are too many is built without them, and to read one is no missing file', async () => {
    const place = places({
      'large/__init__.py': `
import os
from importlib import resources
def attempt(read):
    try:
        return read()
    except OSError:
        return "as if there were none"
    except RuntimeError as error:
        return str(error)
def use():
    path = os.path.join(os.path.dirname(__file__), "a.txt")
    return [attempt(lambda: open(path).read()), attempt(lambda: os.path.exists(path)),
        attempt(lambda: resources.files("large").joinpath("a.txt").read_text()), attempt(lambda: os.path.exists(__file__))]
`,
      'large/a.txt': 'a'.repeat(200),
    })[which];
    const source = 'import large\ndef before_hook(ctx): return {"data": large.use()}';
    const reason =
      'the plugin was built without site-packages/large/a.txt: the data files of site-packages/large have more bytes than maxDataBytes, 199';
    const { data, report } = await call(source, { packages: [place], limits: { maxDataBytes: 199 } });
    expect(data).toEqual([reason, reason, reason, false]);
    expect(report.leftOut).toEqual(['site-packages/large']);
    const all = await call(source, { packages: [place], limits: { maxDataBytes: 200 } });
    expect(all.data).toEqual(['a'.repeat(200), true, 'a'.repeat(200), false]);
    expect(all.report.leftOut).toEqual([]);
  });
});
