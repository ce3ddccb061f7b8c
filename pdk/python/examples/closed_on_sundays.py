from hookcell import Answer, Context


def before_hook(ctx: Context) -> Answer | None:
    if ctx["input"].get("day") == "Sunday":
        return {"ok": False, "error": "closed on Sundays"}
    return None
