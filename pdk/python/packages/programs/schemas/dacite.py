# package: dacite

from dataclasses import asdict, dataclass, field
from typing import Optional

from dacite import Config, DaciteError, from_dict


@dataclass
class Address:
    city: str
    zip: Optional[str] = None


@dataclass
class Person:
    name: str
    age: int
    addresses: list[Address] = field(default_factory=list)


INPUTS = [{"name": "Ada", "age": "36", "addresses": [{"city": "London"}]}, {"name": "Ada"}, {"name": 1, "age": 2}]


def use(given):
    try:
        return asdict(from_dict(Person, given, Config(type_hooks={int: int})))
    except DaciteError as error:
        return type(error).__name__, str(error)
