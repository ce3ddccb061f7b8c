# package: wtforms
# with: markupsafe

from wtforms import Form, IntegerField, SelectField, StringField, validators


class Values(dict):
    """What a form gets from a framework."""

    def getlist(self, name):
        return [self[name]] if name in self else []


class Order(Form):
    name = StringField("Name", [validators.InputRequired(), validators.Length(min=2, max=20)])
    quantity = IntegerField("Quantity", [validators.NumberRange(min=1)])
    size = SelectField("Size", choices=[("s", "small"), ("l", "large")])


INPUTS = [{"name": "Ada", "quantity": "3", "size": "s"}, {"name": "A", "quantity": "x", "size": "m"}]


def use(given):
    form = Order(Values(given))
    return form.validate(), form.data, form.errors, str(form.name())
