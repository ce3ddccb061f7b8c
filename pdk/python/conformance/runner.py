"""Runs the tests of a module of CPython's own tests in a hook: each call runs one, in a fresh interpreter."""

import sys

import _hookcell_build


class _Kept(dict):
    """Bytecode that stays, because tests import modules again."""

    def pop(self, name):
        return self[name]


def _find_spec(finder, name, path=None, target=None):
    found = _hookcell_build._library.get(name)
    if found is None:
        return None
    spec = _hookcell_build.ModuleSpec(name, finder, is_package=found[0])
    # Modules of the standard library have a `__file__`, and tests ask for it.
    spec.origin = f"lib/{name.replace('.', '/')}{'/__init__' if found[0] else ''}.py"
    spec.has_location = True
    return spec


_hookcell_build._library = _Kept(_hookcell_build._library)
_hookcell_build._Finder.find_spec = classmethod(_find_spec)

import unittest

from test import support

# Without what takes long, a network or large files.
support.use_resources = []
support.verbose = 0
# They need the file system, to find the modules of a package. Each of these is run by its own name.
support.load_package_tests = lambda folder, loader, tests, pattern: tests

_MOST_TEXT = 200
_tests = []


def _flatten(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from _flatten(each)
        else:
            yield each


def load(name):
    """Imports a module of tests. It is called at build."""
    try:
        module = __import__(name, fromlist=["*"])
    except unittest.SkipTest as skip:
        return f"skipped: {skip}"
    tests = list(_flatten(unittest.defaultTestLoader.loadTestsFromModule(module)))
    if any(type(test).__name__ == "_FailedTest" for test in tests) and hasattr(module, "load_tests"):
        # It looks for further tests in files.
        del module.load_tests
        tests = list(_flatten(unittest.defaultTestLoader.loadTestsFromModule(module)))
    _tests.extend(tests)
    return None


class _Outcome(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.text = "passes"

    def _fails(self, error):
        if not self.text.startswith("fails"):
            kind, value, _ = error
            first = next(iter(str(value).splitlines()), "")
            self.text = f"fails: {kind.__name__}: {first[:_MOST_TEXT]}"

    def addError(self, test, err):
        self._fails(err)

    def addFailure(self, test, err):
        self._fails(err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._fails(err)

    def addSkip(self, test, reason):
        # One of several parts may be skipped.
        if self.text == "passes" and not isinstance(test, unittest.case._SubTest):
            self.text = f"skipped: {reason}"

    def addUnexpectedSuccess(self, test):
        self.text = "fails: it is expected to fail"


def names(ctx):
    return {"data": [test.id() for test in _tests]}


def before_hook(ctx):
    outcome = _Outcome()
    unittest.TestSuite([_tests[ctx["input"]["test"]]]).run(outcome)
    return {"data": outcome.text}
