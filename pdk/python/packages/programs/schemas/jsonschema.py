# package: jsonschema
# with: attrs pyrsistent

from jsonschema import Draft202012Validator

validator = Draft202012Validator(
    {
        "type": "object",
        "properties": {
            "sku": {"type": "string", "pattern": "^[A-Z]-[0-9]+$"},
            "quantity": {"type": "integer", "minimum": 1},
            "size": {"enum": ["s", "m", "l"]},
        },
        "required": ["sku", "quantity"],
        "additionalProperties": False,
    }
)

INPUTS = [{"sku": "A-1", "quantity": 2}, {"sku": "a", "quantity": 0, "size": "xl", "x": 1}, {}]


def use(given):
    return sorted((error.json_path, error.message) for error in validator.iter_errors(given))
