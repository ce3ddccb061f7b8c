"""Logs a line and raises: hookcell's tests show that the server then has the line, the message and the place."""

import logging

from hookcell import Context

logging.getLogger().setLevel(logging.INFO)


def before_hook(ctx: Context) -> None:
    items = ctx["input"].get("items")
    logging.info("counting", extra={"items": 0 if items is None else 1})
    assert items is not None, "the input has items"
    logging.info("counted", extra={"sum": sum(items)})
