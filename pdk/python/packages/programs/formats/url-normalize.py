# package: url-normalize
# with: idna

from url_normalize import url_normalize

INPUTS = ["www.Example.com/%7Ea/../b", "http://bücher.example/?b=1&a=2"]


def use(given):
    return url_normalize(given)
