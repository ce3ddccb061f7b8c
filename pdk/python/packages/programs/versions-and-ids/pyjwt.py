# package: pyjwt
# because: it asks for the time, which a hook has only with `now`

import jwt

KEY = "a secret of thirty-two characters and more"
GOOD = jwt.encode({"sub": "ada", "n": 1}, KEY, algorithm="HS256")

INPUTS = [GOOD, GOOD[:-2] + "xx", "a.b.c"]


def use(given):
    try:
        return jwt.decode(given, KEY, algorithms=["HS256"]), jwt.get_unverified_header(given)
    except jwt.InvalidTokenError as error:
        return type(error).__name__, str(error)
