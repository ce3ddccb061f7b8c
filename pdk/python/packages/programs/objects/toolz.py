# package: toolz

from toolz import curried, get_in, groupby, merge_with, pipe

INPUTS = [[{"k": "a", "n": 1}, {"k": "b", "n": 2}, {"k": "a", "n": 3}], []]


def use(given):
    groups = groupby("k", given)
    total = pipe(given, curried.map(lambda each: each["n"]), curried.filter(lambda n: n > 1), sum)
    return groups, total, merge_with(sum, {"a": 1}, {"a": 2}), get_in([0, "k"], given)
