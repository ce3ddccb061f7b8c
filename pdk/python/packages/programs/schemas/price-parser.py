# package: price-parser
# with: attrs

from price_parser import Price

INPUTS = ["22,90 €", "$1,234.50", "Price: 10", "free", "1 000,5 zł"]


def use(given):
    price = Price.fromstring(given)
    return price.amount_text, price.currency, price.amount_float
