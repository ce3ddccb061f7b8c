"""What a plugin can import: the types of contexts and answers, and how a hook says no.

In a plugin, `Context`, `User` and `Answer` are `dict`, and nothing is checked. `Context[Order]` is a context whose input is an `Order`.
"""

from typing import Any, Literal, NotRequired, TypedDict

class User(TypedDict):
    """The user of a request."""

    id: str
    role: str

class _Now(TypedDict):
    ms: int
    iso: str

class Context[Input = dict[str, Any], Data = Any, Config = Any](TypedDict):
    """What a hook gets. Changes to `input` and `data` count if the hook returns nothing."""

    input: Input
    data: Data
    user: User | None
    headers: dict[str, str]
    tenant_id: str | None
    config: NotRequired[Config]
    """The plugin's configuration, if the operator set one."""
    now: NotRequired[_Now]
    """The time of the call, if the operator grants it."""
    seed: NotRequired[str | int | float]
    """Another one in each call, if the operator grants it."""

class _Changes(TypedDict, total=False):
    input: Any
    data: Any

class _Accepted(TypedDict):
    ok: Literal[True]
    ctx: NotRequired[_Changes]
    patch: NotRequired[list[dict[str, Any]]]

class _Rejected(TypedDict):
    ok: Literal[False]
    error: NotRequired[str]
    details: NotRequired[list[Any]]

type Answer = _Changes | _Accepted | _Rejected
"""What a hook may return beside nothing: the changed parts of the context, or a result with `ok`."""

class Reject(Exception):
    """Raised by a hook that says no: the plugin's own answer, and no fault.

    `error` says why. `details` is a list of JSON values, for instance one for each wrong field. `status` is the HTTP
    status that an adapter responds with, 400 to 499; it becomes the first of the details.
    """

    error: str
    details: list[Any] | None

    def __init__(self, error: str, details: list[Any] | None = None, status: int | None = None) -> None: ...
