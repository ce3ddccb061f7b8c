"""Gives packages the data files that the plugin was built with, through `importlib.resources` and `pkgutil.get_data`."""

import _hookcell_build

from _hookcell_file_data import files

_ROOT = "site-packages/"


class _Place:
    """A file or a folder, as `importlib.resources` has them."""

    def __init__(self, path):
        self._path = path.rstrip("/")
        self.name = self._path.rpartition("/")[2]

    def joinpath(self, *parts):
        return _Place("/".join([self._path, *map(str, parts)]))

    __truediv__ = joinpath

    def is_file(self):
        return self._path in files

    def is_dir(self):
        return any(path.startswith(f"{self._path}/") for path in files)

    def iterdir(self):
        begin = len(self._path) + 1
        names = {path[begin:].partition("/")[0] for path in files if path.startswith(f"{self._path}/")}
        return iter([self / name for name in sorted(names)])

    def read_bytes(self):
        try:
            return files[self._path]
        except KeyError:
            raise FileNotFoundError(2, "the plugin has no such file", self._path) from None

    def read_text(self, encoding=None, errors="strict"):
        return self.read_bytes().decode(encoding or "utf-8", errors).replace("\r\n", "\n")

    def open(self, mode="r", *arguments, encoding=None, errors="strict", **others):
        import io

        if "b" in mode:
            return io.BytesIO(self.read_bytes())
        return io.StringIO(self.read_text(encoding, errors))

    def __str__(self):
        return self._path


class _Reader:
    def __init__(self, name):
        self._place = _Place(_ROOT + name.replace(".", "/"))

    def files(self):
        return self._place

    def open_resource(self, resource):
        return (self._place / resource).open("rb")

    def is_resource(self, name):
        return (self._place / name).is_file()

    def contents(self):
        return (each.name for each in self._place.iterdir())

    def resource_path(self, resource):
        raise FileNotFoundError(resource)


_hookcell_build._Finder.get_resource_reader = staticmethod(_Reader)
_hookcell_build._Finder.get_data = staticmethod(lambda path: _Place(path).read_bytes())
