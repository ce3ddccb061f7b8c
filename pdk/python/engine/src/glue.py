"""The part of the engine that is Python: grants, exceptions, and the log. build_steps.py has the build."""

import sys

import _hookcell_host
# Divisions of large numbers import it.
import _pylong  # noqa: F401
from _hookcell_host import dumps
from hookcell import Reject  # noqa: F401

hooks = [None] * 16

# More frames of a traceback are not told.
_MOST_FRAMES = 64


def take_grants(context):
    """Called with a context that has `now` or `seed`."""
    now, seed = context.get("now"), context.get("seed")
    if isinstance(now, dict):
        now = now.get("ms")
    _hookcell_host.grant(now, None if seed is None else str(seed).encode())
    if seed is not None and "random" in sys.modules:
        sys.modules["random"].seed(str(seed))


def _column(code, instruction):
    for at, (_, _, column, _) in enumerate(code.co_positions()):
        if at * 2 == instruction:
            return column
    return None


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
    """The answer of a call that an exception ended."""
    name = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        message = error.msg
        backtrace = [{"file": error.filename, "line": error.lineno or 1, "column": error.offset or 1}]
    else:
        try:
            message = str(error)
        except BaseException:
            message = ""
        backtrace = _frames(error)
    told = {"name": name, "message": f"{name}: {message}" if message else name, "backtrace": backtrace}
    return dumps({"thrown": told})


class _Stream:
    """sys.stdout or sys.stderr: each line is a line of the log."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, level):
        self._level = level
        self._begun = ""

    def write(self, text):
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            log(self._level, line)
        return len(text)

    def flush(self):
        if self._begun:
            line, self._begun = self._begun, ""
            log(self._level, line)

    def isatty(self):
        return False


def log(level, message, fields=None):
    line = {"level": level, "message": message}
    if fields:
        line["fields"] = fields
    _hookcell_host.log(dumps(line))


sys.stdout = sys.__stdout__ = _Stream("info")
sys.stderr = sys.__stderr__ = _Stream("error")
