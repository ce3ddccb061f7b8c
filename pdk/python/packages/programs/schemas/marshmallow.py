# package: marshmallow

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate


class Item(Schema):
    sku = fields.Str(required=True)
    price = fields.Decimal(places=2, as_string=True)


class Order(Schema):
    class Meta:
        unknown = EXCLUDE

    email = fields.Email(required=True)
    created = fields.DateTime(format="iso")
    items = fields.List(fields.Nested(Item), validate=validate.Length(min=1))


order = Order()
INPUTS = [
    {"email": "ada@example.com", "created": "2026-11-27T10:00:00", "items": [{"sku": "a", "price": "1.5"}], "x": 1},
    {"email": "ada", "created": "yesterday", "items": []},
    {"items": [{"price": "many"}]},
]


def use(given):
    try:
        return order.dump(order.load(given))
    except ValidationError as error:
        return error.normalized_messages()
