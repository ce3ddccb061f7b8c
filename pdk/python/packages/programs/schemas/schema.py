# package: schema

from schema import And, Optional, Or, Schema, SchemaError, Use

order = Schema(
    {
        "name": And(str, len),
        "age": And(Use(int), lambda n: 18 <= n <= 99),
        Optional("gender"): And(str, Use(str.lower), Or("x", "f", "m")),
    }
)

INPUTS = [{"name": "Ada", "age": "36", "gender": "F"}, {"name": "", "age": "36"}, {"name": "Ada", "age": "7"}, {}]


def use(given):
    try:
        return order.validate(given)
    except SchemaError as error:
        return [text for text in error.autos if text]
