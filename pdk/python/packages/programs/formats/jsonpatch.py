# package: jsonpatch
# with: jsonpointer

import jsonpatch

INPUTS = [[{"a": 1}, {"a": 2, "b": [1]}], [{"a": [1, 2]}, {"a": [2]}]]


def use(given):
    patch = jsonpatch.make_patch(*given)
    return patch.patch, patch.apply(given[0])
