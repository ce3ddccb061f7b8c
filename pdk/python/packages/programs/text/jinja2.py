# package: jinja2
# with: markupsafe

from jinja2 import Environment

environment = Environment(autoescape=True)
letter = environment.from_string(
    "Dear {{ name|title }},{% for line in lines %}\n{{ loop.index }}: {{ line.quantity }} x {{ line.item }}"
    "{% else %} nothing{% endfor %} ({{ total|round(2) }})"
)

INPUTS = [
    {"name": "ada", "lines": [{"quantity": 2, "item": "<b>tea</b>"}, {"quantity": 1, "item": "cake"}], "total": 3.456},
    {"name": "bob & co", "lines": [], "total": 0},
]


def use(given):
    return letter.render(given)
