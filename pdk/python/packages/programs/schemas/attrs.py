# package: attrs

import attrs


@attrs.define
class Line:
    sku: str = attrs.field(validator=attrs.validators.matches_re(r"[A-Z]-\d+"))
    quantity: int = attrs.field(converter=int, validator=attrs.validators.in_(range(1, 100)))
    tags: list = attrs.field(factory=list)


INPUTS = [{"sku": "A-1", "quantity": "3"}, {"sku": "a", "quantity": 1}, {"sku": "B-2", "quantity": 500}]


def use(given):
    try:
        line = Line(**given)
    except ValueError as error:
        return str(error.args[0])
    return attrs.asdict(attrs.evolve(line, tags=["new"])), repr(line), line == Line(**given)
