"""The part of the engine that is Python: contexts and answers, exceptions, and the log. build_steps.py has the build."""

import sys

import _hookcell_host
from _json import encode_basestring_ascii, make_encoder, make_scanner
from hookcell import Reject

hooks = [None] * 16

# More frames of a traceback are not told.
_MOST_FRAMES = 64


class _Reading:
    """What the scanner asks for, as a decoder of the standard library."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo = {}

    @staticmethod
    def parse_constant(name):
        raise ValueError(f"{name} is no JSON")


def _no_json(value):
    raise TypeError(f"{type(value).__name__} is no JSON value")


read = make_scanner(_Reading)
_write = make_encoder({}, _no_json, encode_basestring_ascii, None, ":", ",", False, False, False)


def dumps(value):
    return "".join(_write(value, 0))


def call(hook, text):
    """Calls a hook with a context, and returns its answer as bytes, or None if it changes nothing."""
    context, _ = read(text, 0)
    if "now" in context or "seed" in context:
        _grant(context)
    before = dumps(context.get("input")), dumps(context.get("data"))
    try:
        result = hook(context)
    except Reject as no:
        return dumps({"ok": False, "error": no.error, "details": no.details}).encode()
    if result is None:
        result = context
    elif not isinstance(result, dict):
        raise TypeError("a hook returns nothing, a dict with input or data, or a result with ok")
    elif "ok" in result:
        return dumps(result).encode()
    changes = []
    for key, text in zip(("input", "data"), before):
        if key in result:
            changed = dumps(result[key])
            if changed != text:
                changes.append(f'"{key}":{changed}')
    if changes:
        return f'{{"ok":true,"ctx":{{{",".join(changes)}}}}}'.encode()
    if result is not context and "input" not in result and "data" not in result:
        raise TypeError("a hook returns nothing, a dict with input or data, or a result with ok")
    return None


def _grant(context):
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
    places = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith("<frozen _hookcell"):
            place = {"function": code.co_name, "file": code.co_filename, "line": traceback.tb_lineno}
            column = _column(code, traceback.tb_lasti)
            if column is not None:
                place["column"] = column + 1
            places.append(place)
            if len(places) > 2 * _MOST_FRAMES:
                del places[_MOST_FRAMES:-1]
        traceback = traceback.tb_next
    places.reverse()
    return places[:_MOST_FRAMES]


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
    return dumps({"thrown": told}).encode()


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


def log(level, message):
    _hookcell_host.log(dumps({"level": level, "message": message}).encode())


sys.stdout = sys.__stdout__ = _Stream("info")
sys.stderr = sys.__stderr__ = _Stream("error")
