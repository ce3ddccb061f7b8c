# package: jmespath

import jmespath

query = jmespath.compile("items[?price > `1`].{name: name, total: price} | sort_by(@, &total)")

INPUTS = [{"items": [{"name": "a", "price": 3}, {"name": "b", "price": 2}, {"name": "c", "price": 1}]}, {}]


def use(given):
    try:
        return query.search(given)
    except jmespath.exceptions.JMESPathError as error:
        return str(error)
