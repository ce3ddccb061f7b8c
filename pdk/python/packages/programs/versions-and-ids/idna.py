# package: idna

import idna

INPUTS = ["bücher.example", "ドメイン.テスト", "a_b", "xn--bcher-kva.example"]


def use(given):
    try:
        return idna.encode(given).decode(), idna.decode(given)
    except idna.IDNAError as error:
        return str(error)
