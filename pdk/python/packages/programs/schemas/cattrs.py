# package: cattrs
# with: attrs typing-extensions

from attrs import define
from cattrs import structure, transform_error, unstructure


@define
class Address:
    city: str
    zip: int


@define
class Order:
    name: str
    address: Address
    tags: list[str] = []


INPUTS = [
    {"name": "Ada", "address": {"city": "London", "zip": "123"}, "tags": ["a"]},
    {"name": "Ada", "address": {"city": "London", "zip": "x"}},
]


def use(given):
    try:
        return unstructure(structure(given, Order))
    except Exception as error:
        return transform_error(error)
