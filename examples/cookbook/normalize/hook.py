"""Clients write the same value in many ways. This hook writes it in one, so that the database can compare."""

import re
import string
from collections.abc import Callable

from hookcell import Context

# What Unicode calls white space. `str.strip` also takes U+001C to U+001F.
SPACES = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
AROUND = re.compile(f"\\A{SPACES}|{SPACES}\\Z")
INSIDE = re.compile(SPACES)
SURROGATE = re.compile("[\ud800-\udfff]")
NO_DIGITS = re.compile("[^0-9]+")

# ASCII only: the lower case of the Kelvin sign is `k`, which would make two addresses one.
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def before_hook(ctx: Context) -> None:
    given = ctx["input"]
    for field, normal in RULES.items():
        value = given.get(field)
        # Half a surrogate pair is no text, so such a value stays for the validation to see.
        if not isinstance(value, str) or SURROGATE.search(value):
            continue
        text = normal(value)
        if text == "":
            del given[field]
        else:
            given[field] = text


def trim(text: str) -> str:
    return AROUND.sub("", text)


def phone(text: str) -> str:
    """`+49 (30) 90 18` and `0049 30 9018` are `+49309018`. A text without digits stays."""
    trimmed = trim(text)
    digits = NO_DIGITS.sub("", trimmed)
    if digits == "":
        return trimmed
    if trimmed.startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if len(digits) > 2 and digits.startswith("00") else digits


RULES: dict[str, Callable[[str], str]] = {
    "name": lambda text: INSIDE.sub(" ", trim(text)),
    "email": lambda text: trim(text).translate(LOWER),
    "country": lambda text: trim(text).translate(UPPER),
    "phone": phone,
}
