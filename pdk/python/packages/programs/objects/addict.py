# package: addict

from addict import Dict

INPUTS = [{"a": {"b": 1}}]


def use(given):
    tree = Dict(given)
    tree.a.c.d = 2
    return tree.to_dict()
