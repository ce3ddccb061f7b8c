# package: voluptuous

from voluptuous import All, Email, Length, MultipleInvalid, Optional, Range, Required, Schema

order = Schema(
    {
        Required("email"): Email(),
        Required("quantity"): All(int, Range(min=1, max=99)),
        Optional("note", default="none"): All(str, Length(max=10)),
    }
)

INPUTS = [
    {"email": "ada@example.com", "quantity": 3},
    {"email": "ada", "quantity": 0, "note": "far too long a note"},
    {"quantity": "3", "other": 1},
]


def use(given):
    try:
        return order(given)
    except MultipleInvalid as error:
        return sorted(str(each) for each in error.errors)
