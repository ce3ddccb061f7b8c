"""Logs a line and raises: hookcell's tests show that the server then has the line, the message and the place."""

import logging

from hookcell import Context

logging.getLogger().setLevel(logging.INFO)


def before_hook(ctx: Context) -> None:
    logging.info("counting")
    items = ctx["input"].get("items")
    assert items is not None, "the input has items"
    logging.info("counted")
