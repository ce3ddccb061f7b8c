"""The part of the engine that is Python: grants, exceptions, and the log. build_steps.py has the build."""

import sys
from itertools import islice

import _hookcell_host
from _io import _TextIOBase
# Divisions of large numbers import it.
import _pylong  # noqa: F401
from _hookcell_host import dumps
from hookcell import Reject  # noqa: F401

hooks = [None] * 16

# More frames of a traceback, and more characters of a message, are not told.
_MOST_FRAMES = 64
_MOST_MESSAGE = 10_000


def take_grants(context):
    """Called with a context that has `now` or `seed`."""
    now, seed = context.get("now"), context.get("seed")
    if isinstance(now, dict):
        now = now.get("ms")
    _hookcell_host.grant(now, None if seed is None else str(seed).encode())
    if seed is not None and "random" in sys.modules:
        sys.modules["random"].seed(str(seed))


def _column(code, instruction):
    _, _, column, _ = next(islice(code.co_positions(), max(instruction, 0) // 2, None), (None,) * 4)
    return column


def _frames(error):
    """The places of a traceback, the innermost first, without those of the engine."""
    last = []
    traceback = error.__traceback__
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith("<frozen _hookcell"):
            last.append(traceback)
            if len(last) > 2 * _MOST_FRAMES:
                del last[:_MOST_FRAMES]
        traceback = traceback.tb_next
    return [_place(traceback) for traceback in reversed(last[-_MOST_FRAMES:])]


def _place(traceback):
    code = traceback.tb_frame.f_code
    place = {"function": code.co_name, "file": code.co_filename, "line": traceback.tb_lineno}
    column = _column(code, traceback.tb_lasti)
    if column is not None:
        place["column"] = column + 1
    return place


def thrown(error):
    """The answer of a call that an exception ended. What its class does instead of telling is not told."""
    # A metaclass may have another one.
    name = _name_of(type(error))
    message = _attempt(_message, error, "")
    backtrace = _attempt(_backtrace, error, [])
    told = {"name": name, "message": f"{name}: {message}" if message else name, "backtrace": backtrace}
    return dumps({"thrown": told})


_name_of = type.__dict__["__name__"].__get__


def _attempt(tell, error, otherwise):
    try:
        return tell(error)
    except BaseException:
        return otherwise


def _message(error):
    is_of_compiler = isinstance(error, SyntaxError) and error.filename
    # str() may return an object of a class of the plugin.
    message = str.__str__(str(error.msg if is_of_compiler else error))[:_MOST_MESSAGE]
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] in sys.stdlib_module_names:
        message += ": of the standard library a plugin has what its sources import, and nothing that needs an operating system"
    return message


def _backtrace(error):
    if isinstance(error, SyntaxError) and error.filename:
        return [{"file": str(error.filename), "line": int(error.lineno or 1), "column": int(error.offset or 1)}]
    return _frames(error)


class _Stream(_TextIOBase):
    """sys.stdout or sys.stderr: each line is a line of the log."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, level):
        self._level = level
        self._begun = []

    def writable(self):
        return True

    def write(self, text):
        first, *lines = text.split("\n")
        if first:
            self._begun.append(first)
            _hookcell_host.begin_line()
        if lines:
            *lines, rest = ["".join(self._begun), *lines]
            self._begun = [rest] if rest else []
            for line in lines:
                log(self._level, line)
        return len(text)

    def flush(self):
        if self._begun:
            line, self._begun = "".join(self._begun), []
            log(self._level, line)


def log(level, message, fields=None):
    line = {"level": level, "message": message}
    if fields:
        line["fields"] = fields
    _hookcell_host.log(dumps(line))


def end_lines():
    """Called after a hook that began a line of the log and did not end it."""
    for stream in _streams:
        stream.flush()


_streams = sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr = _Stream("info"), _Stream("error")
