"""Run by the native Python that the build makes. Compiles the engine's own modules and the standard library.

    python library.py LIB SOURCES OUT

Writes OUT/frozen.h, the modules that the engine starts with, OUT/library.bin, the bytecode of all other modules in a row, and
OUT/library.json: for each module where its bytecode is, whether it is a package, what it imports when it is imported ("imports"),
and what its functions import later ("late").
"""

import ast
import json
import marshal
import os
import sys

ENGINE = {"_hookcell": "glue.py", "_hookcell_build": "build_steps.py", "hookcell": "hookcell.py"}
FROZEN = ["encodings", "encodings.aliases", "encodings.utf_8", "encodings.latin_1", "encodings.ascii", "_pylong"]

# What needs an operating system, a terminal, a network or a database, and the tests.
WITHOUT = {
    "_pyrepl", "asyncio.__main__", "antigravity", "cProfile", "ctypes", "curses", "dbm", "ensurepip", "idlelib", "lib2to3",
    "multiprocessing", "pydoc_data", "sqlite3", "test", "this", "tkinter", "turtle", "turtledemo", "venv",
    "webbrowser", "wsgiref", "xmlrpc",
}  # fmt: skip


def modules_of(folder):
    """The files of the standard library by the names of their modules, and whether each is a package."""
    found = {}
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ("tests", "__pycache__"))
        for file in sorted(files):
            path = os.path.join(place, file)
            parts = os.path.relpath(path, folder).removesuffix(".py").split(os.sep)
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            if file.endswith(".py") and all(part.isidentifier() for part in parts) and not is_without(name):
                found[name] = path, is_package
    return found


def is_without(name):
    return not name or any(name == left or name.startswith(left + ".") for left in WITHOUT)


def compiled(path, label):
    with open(path, "rb") as file:
        source = file.read()
    return marshal.dumps(compile(source, label, "exec", dont_inherit=True, optimize=0)), source


class Imports(ast.NodeVisitor):
    """What a module imports when it is imported, and what its functions import later."""

    def __init__(self, name, is_package):
        self.package = name.split(".") if is_package else name.split(".")[:-1]
        self.early, self.late = set(), set()
        self.to = self.early

    def visit_Import(self, node):
        self.to.update(alias.name for alias in node.names)

    def visit_ImportFrom(self, node):
        outer = self.package[: len(self.package) - node.level + 1] if node.level else []
        base = ".".join([*outer, *([node.module] if node.module else [])])
        self.to.update([base, *(f"{base}.{alias.name}" for alias in node.names)])

    def visit_FunctionDef(self, node):
        before, self.to = self.to, self.late
        self.generic_visit(node)
        self.to = before

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_If(self, node):
        test = ast.unparse(node.test)
        if "__main__" not in test and "TYPE_CHECKING" not in test:
            self.generic_visit(node)
        else:
            for other in node.orelse:
                self.visit(other)


def write_frozen(out, files):
    rows, arrays = [], []
    for index, (name, (path, is_package)) in enumerate(files.items()):
        code, _ = compiled(path, f"<frozen {name}>")
        arrays.append(f"static const unsigned char hc_frozen_{index}[] = {{ {','.join(map(str, code))} }};\n")
        rows.append(f'    {{ "{name}", hc_frozen_{index}, {len(code)}, {int(is_package)} }},\n')
    with open(os.path.join(out, "frozen.h"), "w") as file:
        file.write("// Made by library.py.\n\n" + "".join(arrays))
        file.write("\nstatic const struct _frozen hc_frozen_modules[] = {\n" + "".join(rows) + "    { 0 },\n};\n")


def main(folder, sources, out):
    files = modules_of(folder)
    engine = {name: (os.path.join(sources, file), False) for name, file in ENGINE.items()}
    write_frozen(out, {name: files.pop(name) for name in FROZEN} | engine)
    index, codes, at = {}, [], 0
    for name, (path, is_package) in files.items():
        code, source = compiled(path, f"lib/{name.replace('.', '/')}.py")
        found = Imports(name, is_package)
        found.visit(ast.parse(source))
        known = [sorted(names & files.keys() - {name}) for names in (found.early, found.late - found.early)]
        index[name] = {"at": at, "length": len(code), "package": is_package, "imports": known[0], "late": known[1]}
        codes.append(code)
        at += len(code)
    with open(os.path.join(out, "library.bin"), "wb") as file:
        file.write(b"".join(codes))
    with open(os.path.join(out, "library.json"), "w") as file:
        json.dump(index, file, indent=0)


main(*sys.argv[1:])
