"""Shared by adapters of clients whose operations are reached through attributes: `client.secrets.kv.read_secret()`."""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit.adapter import Adapter, Handler
from shearpin.adapterkit.build import text
from shearpin.adapterkit.store import argument_of, class_of, made_from, owner_of
from shearpin.facts.call import ResolvedCall
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import Instance, Value


def chain(adapter: Adapter, client: str, handler: Handler) -> None:
    """Every call behind a client is offered to `handler`, whatever attributes lead to it."""
    member = f"{client}:member"
    adapter.models(
        ClassModel(client, item=member),
        ClassModel(member, item=member),
        # `client.messages("id").fetch()`: what a call gives may be called on.
        CallModel(f"{member}.__call__", returns=member),
    )
    adapter.calls(f"{member}.__call__")(handler)


def client_of(call: ResolvedCall, client: str) -> Value | None:
    """The client at the other end of a chain."""
    return next((item for item in made_from(call.receiver) if class_of(item) == client), None)


def path_of(call: ResolvedCall) -> str:
    """The attributes that lead to a call: "secrets.kv.read_secret"; "" when one of them is not known."""
    names: list[str] = []
    value: Value | None = call.receiver
    while isinstance(value, Instance) and class_of(value).endswith(":member"):
        name = text(argument_of(value, "name", -1))
        if name is not None:
            names.append(name)
        value = owner_of(value)
    return ".".join(reversed(names))


def is_question(path: str, words: Iterable[str]) -> bool:
    """The last name of a chain begins with one of these words."""
    return path.rpartition(".")[2].lower().startswith(tuple(words))
