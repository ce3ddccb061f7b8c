# package: jsonpath-ng
# with: ply

from jsonpath_ng import parse

path = parse("items[*].price")

INPUTS = [{"items": [{"price": 1}, {"price": 2}]}, {}]


def use(given):
    return [found.value for found in path.find(given)], [str(found.full_path) for found in path.find(given)]
