"""Says everything that is wrong with an order at once, and where, so that a form can mark each field."""

import re

from hookcell import Context, Reject

# More would be of no use to a reader, and a hostile client chooses how many there are.
MOST = 20

EMAIL = re.compile(r"[^@]+@[^@]+")
SKU = re.compile(r"[A-Z]{3}-[0-9]{4}")


def before_hook(ctx: Context) -> None:
    problems: list[dict[str, str]] = []

    def expect(holds: object, field: str, message: str) -> None:
        if not holds and len(problems) < MOST:
            problems.append({"field": field, "message": f"must be {message}"})

    order = ctx["input"]
    email, items = order.get("email"), order.get("items")
    expect(isinstance(email, str) and EMAIL.fullmatch(email), "email", "an e-mail address")
    expect(is_text(order.get("note"), 200), "note", "a text of at most 200 characters")
    listed = items if isinstance(items, list) else []
    expect(1 <= len(listed) <= 50, "items", "a list of 1 to 50 items")
    for index, item in enumerate(listed[:50]):
        field = f"items[{index}]"
        if not isinstance(item, dict):
            expect(False, field, "an object")
            continue
        sku = item.get("sku")
        expect(isinstance(sku, str) and SKU.fullmatch(sku), f"{field}.sku", "like ABC-1234")
        expect(is_quantity(item.get("quantity")), f"{field}.quantity", "a whole number from 1 to 999")
    if problems:
        raise Reject("the order is not valid", problems)


def is_text(value: object, longest: int) -> bool:
    """A missing note is none. Characters are counted as a reader does: an emoji is one."""
    return value is None or (isinstance(value, str) and len(value) <= longest)


def is_quantity(value: object) -> bool:
    # `True` is an `int` in Python, and no number for a client.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0 and 1 <= value <= 999
