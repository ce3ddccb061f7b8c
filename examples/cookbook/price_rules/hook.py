"""The shop's rules for prices, which change more often than the server. All amounts are whole cents, so nothing is rounded twice."""

from hookcell import Context, Reject


def before_hook(ctx: Context) -> None:
    given, user = ctx["input"], ctx["user"]
    items = given.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= 200:
        raise wrong("items", "must be a list of 1 to 200 items")
    subtotal = bulk = 0
    for index, item in enumerate(items):
        quantity = whole(item, "quantity", 1, 10_000)
        unit = whole(item, "unit_cents", 0, 10_000_000)
        if quantity is None:
            raise wrong(f"items[{index}].quantity", "must be a whole number from 1 to 10,000")
        if unit is None:
            raise wrong(f"items[{index}].unit_cents", "must be a whole number from 0 to 10,000,000")
        subtotal += quantity * unit
        bulk += percent(quantity * unit, 10) if quantity >= 10 else 0

    total = subtotal
    discounts = []

    def take(rule: str, cents: int) -> None:
        nonlocal total
        if cents > 0:
            discounts.append({"rule": rule, "cents": cents})
            total -= cents

    take("10 or more of an item", bulk)
    take("staff", percent(total, 20) if user is not None and user["role"] == "staff" else 0)
    take("coupon WELCOME", 500 if given.get("coupon") == "WELCOME" and total >= 5_000 else 0)
    # Whatever the client sent under these names is replaced.
    given.update(subtotal_cents=subtotal, discounts=discounts, total_cents=total)


def percent(cents: int, share: int) -> int:
    """The share of an amount, in favor of the shop."""
    return cents * share // 100


def whole(item: object, name: str, least: int, most: int) -> int | None:
    """A member that is a whole number within bounds."""
    value = item.get(name) if isinstance(item, dict) else None
    # `True` is an `int` in Python, and no number for a client.
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return int(value) if value % 1 == 0 and least <= value <= most else None


def wrong(field: str, message: str) -> Reject:
    return Reject("the order cannot be priced", [{"field": field, "message": message}])
