"""The steps of a build. What they leave behind is part of the plugin."""

import marshal
import sys

import _hookcell_host
from _frozen_importlib import ModuleSpec
from _hookcell import dumps, end_lines, hooks, log

_FIRST = ("before_hook", "after_hook")
# Flags of the code of generators, coroutines and asynchronous generators.
_RUNS_LATER = 0x20 | 0x80 | 0x200
_ONLY_AST = 0x400

# Bytecode of modules that are not imported yet, by name, and whether each is a package.
_library = {}


def _parts(given):
    name, _, source = given.partition(b"\0")
    return name.decode(), source


def imports(given):
    """What a source imports, as JSON: each name with its first line, and whether all its imports stand in a `try`, so that the
    source expects that it is not there. A relative name begins with dots."""
    name, source = _parts(given)
    found = {}
    waiting = [(compile(source, name, "exec", _ONLY_AST, dont_inherit=True), False)]
    while waiting:
        node, is_tried = waiting.pop()
        for imported in _imported(node):
            line, was_tried = found.get(imported, (node.lineno, True))
            found[imported] = min(line, node.lineno), was_tried and is_tried
        for field in node._fields:
            value = getattr(node, field, None)
            # What a handler imports is the other way, and its own failure is none that is expected.
            is_tried_here = is_tried or (field == "body" and type(node).__name__ in ("Try", "TryStar"))
            for child in value if isinstance(value, list) else [value]:
                if hasattr(child, "_fields"):
                    waiting.append((child, is_tried_here))
    return dumps([{"name": each, "line": line, "tried": tried} for each, (line, tried) in sorted(found.items())])


def _imported(node):
    """The names that a statement imports. What `from` imports may be a module or not."""
    kind = type(node).__name__
    if kind == "Import":
        return [alias.name for alias in node.names]
    if kind != "ImportFrom":
        return []
    base = "." * node.level + (node.module or "")
    return [base, *(f"{base}{'' if base.endswith('.') else '.'}{alias.name}" for alias in node.names)]


def compile_source(given):
    name, source = _parts(given)
    return marshal.dumps(compile(source, name, "exec", dont_inherit=True))


def provide(given):
    """Takes modules, each as its name, a line feed, 1 for a package or 0, the length of its bytecode, a line feed, its bytecode."""
    at = 0
    while at < len(given):
        name_end = given.index(b"\n", at)
        length_end = given.index(b"\n", name_end + 1)
        end = length_end + 1 + int(given[name_end + 2 : length_end])
        _library[given[at:name_end].decode()] = given[name_end + 1] == ord("1"), given[length_end + 1 : end]
        at = end


class _Finder:
    """Finds provided modules, at build and in a hook."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        found = _library.get(name)
        return None if found is None else ModuleSpec(name, cls, origin=name, is_package=found[0])

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        # A module runs once, so its bytecode is not kept twice. A copy that a package makes of one is another module.
        is_copy = sys.modules.get(module.__name__) is not module
        _, bytecode = _library[module.__name__] if is_copy else _library.pop(module.__name__)
        code = marshal.loads(bytecode)
        # Packages ask for it. It cannot be read.
        module.__file__ = code.co_filename
        exec(code, module.__dict__)


sys.meta_path.append(_Finder)


def load(given):
    """Imports the plugin. Its hooks are before_hook, after_hook, and what `__all__` names."""
    module = __import__(given.decode())
    listed = []
    names = dict.fromkeys([*_FIRST, *getattr(module, "__all__", ())])
    following = len(_FIRST)
    for name in names:
        hook = getattr(module, name, None)
        if not callable(hook) or isinstance(hook, type):
            continue
        if getattr(getattr(hook, "__code__", None), "co_flags", 0) & _RUNS_LATER:
            raise ValueError(f"a hook is an ordinary function: {name} is async or has a yield, and would not run")
        if name in _FIRST:
            index = _FIRST.index(name)
        else:
            index = following
            following += 1
            if index >= len(hooks):
                raise ValueError(f"a plugin has at most {len(hooks)} hooks")
        hooks[index] = hook
        listed.append({"name": name, "index": index})
    global _listed
    _listed = listed
    if "logging" in sys.modules:
        _log_through(sys.modules["logging"])
    return dumps({"hooks": listed})


def _log_through(logging):
    """Lines of `logging` reach the log with their level, and what is `extra` as fields, unless the plugin has set up a handler of
    its own."""

    usual = {*vars(logging.makeLogRecord({})), "message", "asctime"}

    class Handler(logging.Handler):
        def emit(self, record):
            number = record.levelno
            level = "error" if number >= 40 else "warn" if number >= 30 else "info" if number >= 20 else "debug"
            message = self.format(record)
            log(level, message, {name: _told(value) for name, value in vars(record).items() if name not in usual})

    if not logging.root.handlers:
        logging.root.addHandler(Handler())


def _told(value):
    """A field of a line: itself if JSON can tell it, else as text."""
    try:
        dumps(value)
    except (TypeError, ValueError, RecursionError):
        return str(value)
    return value


def freeze(given):
    """Answers with what the plugin exports, by the names of this module's exports."""
    import gc

    exports = {name: name for name in ("alloc", "dealloc", "log_ptr", "log_len")}
    for hook in _listed:
        name = hook["name"]
        exports[name] = name if name in _FIRST else f"hook_{hook['index']}"
    answer = dumps({"exports": exports})
    end_lines()
    gc.collect()
    gc.freeze()
    return answer
