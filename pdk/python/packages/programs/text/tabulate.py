# package: tabulate

from tabulate import tabulate

INPUTS = [[["tea", 2, 1.5], ["cake", 1, 12.25]], []]


def use(given):
    return tabulate(given, headers=["item", "n", "price"]), tabulate(given, tablefmt="github")
