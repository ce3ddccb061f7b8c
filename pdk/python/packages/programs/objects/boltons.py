# package: boltons

from boltons.iterutils import chunked, remap
from boltons.strutils import slugify, under2camel

INPUTS = [{"a": [1, None, {"b": None}], "some_name": "x"}]


def use(given):
    return (
        remap(given, visit=lambda path, key, value: value is not None),
        chunked(range(5), 2),
        under2camel("some_name"),
        slugify("A b!"),
    )
