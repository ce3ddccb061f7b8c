# package: funcy

import funcy

INPUTS = [{"a": 1, "b": None, "c": {"d": [1, 2]}}]


def use(given):
    return (
        funcy.compact(given),
        funcy.get_in(given, ["c", "d", 1]),
        funcy.set_in(given, ["c", "e"], 5),
        funcy.lchunks(2, [1, 2, 3, 4, 5]),
        funcy.walk_values(str, given),
    )
