# package: deepdiff
# with: orderly-set

from deepdiff import DeepDiff

INPUTS = [[{"a": 1, "b": [1, 2]}, {"a": 2, "b": [1, 2, 3]}], [{"x": 1}, {"x": 1}]]


def use(given):
    return DeepDiff(*given).to_dict()
