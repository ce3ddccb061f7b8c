"""validate_email, as pdk/cases.json defines it."""

import re

from hookcell import Context, Reject

MAX_ADDRESS = 254
SPACES = " \t\n\f\r"
LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def before_hook(ctx: Context) -> None:
    """Normalizes the address and the name of the input, or rejects it."""
    given = ctx["input"]
    email = given.get("email")
    if not isinstance(email, str):
        raise invalid("must be a string" if "email" in given else "is required", email)
    address = normalize(email)
    if address is None:
        raise invalid("is not a valid address", email)
    given["email"] = address
    if isinstance(given.get("name"), str):
        given["name"] = given["name"].strip(SPACES)


def after_hook(ctx: Context) -> None:
    """Adds the domain of an address to the data."""
    data = ctx["data"]
    if not isinstance(data, dict) or not isinstance(data.get("email"), str):
        return
    address = normalize(data["email"])
    if address is not None:
        data["email_domain"] = address[address.index("@") + 1 :]


def invalid(message: str, value: object) -> Reject:
    return Reject("email is not valid", [{"field": "email", "message": message, "value": value}])


def normalize(text: str) -> str | None:
    """The address in its stored form, if it is one."""
    address = text.strip(SPACES)
    local, at, domain = address.partition("@")
    is_address = at and len(address) <= MAX_ADDRESS and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)
    # An address has only ASCII, so that this changes nothing else.
    return address.lower() if is_address else None
