# package: fastjsonschema

import fastjsonschema

check = fastjsonschema.compile(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 2},
            "mail": {"type": "string", "format": "email"},
            "lines": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
            "size": {"default": "m"},
        },
        "required": ["name"],
    }
)

INPUTS = [{"name": "Ada", "mail": "ada@example.com", "lines": [1, 2]}, {"name": "A"}, {"name": "Ada", "lines": [1, 1]}, {}]


def use(given):
    try:
        return check(given)
    except fastjsonschema.JsonSchemaException as error:
        return error.message
