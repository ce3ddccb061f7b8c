# package: cerberus

from cerberus import Validator

INPUTS = [
    {"name": " ada ", "age": "36", "tags": ["a", "b"]},
    {"name": "", "age": -1, "tags": [1], "extra": True},
    {},
]

schema = {
    "name": {"type": "string", "required": True, "empty": False, "coerce": str.strip},
    "age": {"type": "integer", "coerce": int, "min": 0},
    "tags": {"type": "list", "schema": {"type": "string", "allowed": ["a", "b"]}},
    "kind": {"default": "plain"},
}


def use(given):
    validator = Validator(schema)
    return validator.validate(given), validator.document, validator.errors
