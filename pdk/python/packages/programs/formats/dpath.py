# package: dpath

import dpath

INPUTS = [{"a": {"b": {"x": 1}, "c": {"x": 2}}}]


def use(given):
    dpath.set(given, "a/*/x", 5)
    return dpath.values(given, "a/*/x"), dpath.search(given, "a/c"), given
