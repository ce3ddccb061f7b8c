# package: cachetools

from cachetools import LFUCache, LRUCache, cached

INPUTS = [[1, 2, 3, 1, 4]]


def use(given):
    calls = []

    @cached(LRUCache(maxsize=2))
    def double(n):
        calls.append(n)
        return n * 2

    rare = LFUCache(2)
    for n in given:
        rare[n] = n
    return [double(n) for n in given], calls, sorted(rare)
