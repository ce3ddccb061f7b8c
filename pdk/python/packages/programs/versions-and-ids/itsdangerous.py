# package: itsdangerous
# because: it compresses what it signs for addresses, and a plugin has no `zlib`

from itsdangerous import BadSignature, Signer, URLSafeSerializer

serializer = URLSafeSerializer("secret")
GOOD = serializer.dumps({"id": 5})

INPUTS = [GOOD, GOOD + "x", Signer("secret").sign("text").decode()]


def use(given):
    try:
        return serializer.loads(given)
    except BadSignature as error:
        return str(error)
