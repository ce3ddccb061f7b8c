from hookcell import Context, Reject


def before_hook(ctx: Context) -> None:
    if ctx["input"].get("day") == "Sunday":
        raise Reject("closed on Sundays")
