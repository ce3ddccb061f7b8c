"""Gives packages the data files that the plugin was built with: through `importlib.resources`, `pkgutil.get_data`, `open`, `os` and
`pathlib`. A file that the plugin was built without, because there are too many bytes of them, is an error that no package takes
for a file that is nowhere."""

import builtins
import io
import os
import sys
from _frozen_importlib import ModuleSpec

import _hookcell_build

from _hookcell_left_out import folders as _left_out
from _hookcell_left_out import most as _most

_ROOT = "site-packages/"
_FOLDER, _FILE = 0o040555, 0o100444
# Sources are never there, and what shows a traceback looks for them.
_SOURCES = (".py", ".pyc", ".pyi")

# `provide` took them with the modules.
_files = {name: _hookcell_build._library.pop(name)[1] for name in [*_hookcell_build._library] if name.startswith(_ROOT)}
_folders = {}
for _name in sorted(_files):
    while "/" in _name:
        _folder, _, _last = _name.rpartition("/")
        _folders.setdefault(_folder, {})[_last] = None
        _name = _folder


def _key(path):
    """A path as the names of files are; None if it is not below the folder of packages."""
    if not isinstance(path, (str, os.PathLike)):
        return None
    path = os.fspath(path)
    if not isinstance(path, str):
        return None
    key = os.path.normpath(path).lstrip("/")
    if not f"{key}/".startswith(_ROOT):
        return None
    if key not in _files and key not in _folders and not key.endswith(_SOURCES):
        for folder in _left_out:
            if key == folder or key.startswith(f"{folder}/"):
                raise RuntimeError(
                    f"the plugin was built without {key}: the data files of {folder} have more bytes than maxDataBytes, {_most}"
                )
    return key


def _names(path):
    return [*_folders.get(_key(path), ())]


def _bytes(path):
    try:
        return _files[_key(path)]
    except KeyError:
        raise FileNotFoundError(2, "the plugin has no such file", path) from None


class _Reader:
    """A package for `importlib.resources`: a folder of its own, with files."""

    def __init__(self, name):
        self._folder = f"/{_ROOT}{name.replace('.', '/')}"

    def files(self):
        # What asks for it has imported it.
        from pathlib import Path

        return Path(self._folder)

    def open_resource(self, resource):
        return io.BytesIO(_bytes(f"{self._folder}/{resource}"))

    def resource_path(self, resource):
        return f"{self._folder}/{resource}"

    def is_resource(self, name):
        return _key(f"{self._folder}/{name}") in _files

    def contents(self):
        return iter(_names(self._folder))


class _DataFolders:
    """Finds folders that have data files and no modules, which are packages, too."""

    get_resource_reader = staticmethod(_Reader)

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        folder = _ROOT + name.replace(".", "/")
        return ModuleSpec(name, cls, is_package=True) if folder in _folders else None

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        pass


def _distributions(context=None):
    # What asks for it has imported it.
    from importlib.metadata import PathDistribution
    from pathlib import Path

    wanted = getattr(context, "name", None)
    for folder in _folders:
        name, _, rest = folder[len(_ROOT) :].partition("-")
        if rest.endswith(".dist-info") and "/" not in rest and (wanted is None or _same(name, wanted)):
            yield PathDistribution(Path(f"/{folder}"))


def _same(one, other):
    one, other = (each.lower().replace("-", "_").replace(".", "_") for each in (one, other))
    return one == other


class _Entry:
    """What `os.scandir` finds."""

    def __init__(self, folder, name):
        self.name = name
        self.path = os.path.join(folder, name)

    def __fspath__(self):
        return self.path

    def is_dir(self, *, follow_symlinks=True):
        return _key(self.path) in _folders

    def is_file(self, *, follow_symlinks=True):
        return _key(self.path) in _files

    def is_symlink(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path)


class _Entries(list):
    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass

    def __iter__(self):
        return self

    def __next__(self):
        if not self:
            raise StopIteration
        return self.pop(0)

    def close(self):
        self.clear()


_system = {name: getattr(os, name) for name in ("stat", "lstat", "listdir", "scandir", "access")}
_system_open = io.open


def _open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    key = _key(file)
    if key in _files and not set(mode) & set("wax+"):
        bytes_of_file = io.BytesIO(_files[key])
        return bytes_of_file if "b" in mode else io.TextIOWrapper(bytes_of_file, encoding, errors, newline)
    return _system_open(file, mode, buffering, encoding, errors, newline, closefd, opener)


def _stat_as(name):
    def stat(path, *, dir_fd=None, **others):
        key = _key(path)
        if key in _files:
            return os.stat_result((_FILE, 0, 0, 1, 0, 0, len(_files[key]), 0, 0, 0))
        if key in _folders:
            return os.stat_result((_FOLDER, 0, 0, 1, 0, 0, 0, 0, 0, 0))
        return _system[name](path, dir_fd=dir_fd, **others)

    return stat


def _listdir(path="."):
    return _names(path) if _key(path) in _folders else _system["listdir"](path)


def _scandir(path="."):
    if _key(path) in _folders:
        return _Entries(_Entry(os.fspath(path), name) for name in _names(path))
    return _system["scandir"](path)


def _access(path, mode, **others):
    key = _key(path)
    return not mode & os.W_OK if key in _files or key in _folders else _system["access"](path, mode, **others)


_hookcell_build._Finder.get_resource_reader = staticmethod(_Reader)
_hookcell_build._Finder.find_distributions = staticmethod(_distributions)
_hookcell_build._Finder.get_data = staticmethod(_bytes)
sys.meta_path.append(_DataFolders)
builtins.open = io.open = _open
os.stat, os.lstat, os.listdir, os.scandir, os.access = _stat_as("stat"), _stat_as("lstat"), _listdir, _scandir, _access
