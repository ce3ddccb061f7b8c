# package: pydantic
# with: typing-extensions

from typing import Literal, Optional

from pydantic import BaseModel, Field, ValidationError, constr, validator


class Address(BaseModel):
    city: str
    zip: constr(regex=r"^\d{5}$")


class Order(BaseModel):
    name: str = Field(min_length=2)
    quantity: int = Field(ge=1, le=99)
    kind: Literal["mail", "pickup"] = "mail"
    address: Optional[Address]

    @validator("name")
    def trimmed(cls, value):
        return value.strip().title()


INPUTS = [
    {"name": " ada ", "quantity": "3", "address": {"city": "London", "zip": "12345"}},
    {"name": "a", "quantity": 100, "kind": "drone", "address": {"zip": "x"}},
    {},
]


def use(given):
    try:
        return Order(**given).dict()
    except ValidationError as error:
        return error.errors()
