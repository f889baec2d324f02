"""Resolved calls: what `meaning` says about one call or decorator, and what adapters turn into facts."""

from __future__ import annotations

import msgspec

from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import UNKNOWN, Bound, Extern, ExternMethod, Value


class Argument(msgspec.Struct, frozen=True, gc=False):
    """One argument as written: `name` is "" for positional ones; `site` covers the value, `whole` `name=value`."""

    name: str
    value: Value
    site: Site
    whole: Site


class Callee(msgspec.Struct, frozen=True, gc=False):
    """A workspace function that this call makes run, directly or through a library.

    `bindings` are the arguments it gets: Bound(parameter name, value). `context` as in `model.Callback`.
    """

    function: FunctionId
    mode: Mode
    bindings: tuple[Bound, ...]
    context: str = ""
    #: site of the expression that names the function
    site: Site | None = None


class ResolvedCall(msgspec.Struct, frozen=True, gc=False):
    """One call expression, resolved as far as possible; symbolic in the parameters of `function`.

    `site` is the whole call, `head` the callee expression, `parens` the parentheses. `callee` is an Extern or
    ExternMethod for a library, FuncRef or ClassRef for the workspace, a Field/Param when only a caller knows, else
    Unknown. `usage` says what becomes of the result: "dropped" (an expression statement), "awaited" (awaited and
    dropped), "with" (context manager), "returned", "assigned", "value" (part of a larger expression).
    `is_awaited` also holds when the awaited result is used. `has_open_arguments`: `*args` or `**kwargs` of unknown
    content are passed.
    """

    site: Site
    head: Site
    parens: Site
    function: FunctionId
    callee: Value
    args: tuple[Argument, ...]
    has_open_arguments: bool
    is_awaited: bool
    usage: str
    #: workspace functions that run because of this call
    callees: tuple[Callee, ...] = ()
    #: name under which the result is kept, for fixes ("" when it has none)
    result_name: str = ""
    #: the coroutine function whose call is handed over to run as a task (`create_task(work())`)
    scheduled: FunctionId | None = None
    #: another thread or process makes this call: it was handed over by the call that is written here
    is_handed_over: bool = False

    @property
    def name(self) -> str:
        """Canonical library name, "" when the callee is none."""
        return self.callee.name if isinstance(self.callee, (Extern, ExternMethod)) else ""

    @property
    def receiver(self) -> Value | None:
        """The library object whose method is called."""
        return self.callee.receiver if isinstance(self.callee, ExternMethod) else None

    def argument(self, name: str, position: int = -1) -> Argument | None:
        """The argument given by keyword or, when `position` >= 0, by position."""
        index = 0
        for arg in self.args:
            if arg.name == name and name:
                return arg
            if not arg.name:
                if index == position:
                    return arg
                index += 1
        return None

    def value(self, name: str, position: int = -1, default: Value = UNKNOWN) -> Value:
        """The value of an argument; `default` when it is not given and nothing is hidden in `**kwargs`."""
        found = self.argument(name, position)
        if found is not None:
            return found.value
        return UNKNOWN if self.has_open_arguments else default


class ResolvedDecorator(msgspec.Struct, frozen=True, gc=False):
    """One decorator of a function or class. `call` is the decorator's call, or a call without arguments for `@name`."""

    call: ResolvedCall
    #: the decorated function; for a class, the FunctionId of the class part
    function: FunctionId
    #: name, parameters and kind of the decorated function
    target: FunctionInfo | None = None


class ParameterInfo(msgspec.Struct, frozen=True, gc=False):
    """A parameter: kind as in `syntax.ir.Parameter`."""

    name: str
    kind: str
    has_default: bool


class FunctionInfo(msgspec.Struct, frozen=True, gc=False):
    """A function of the workspace. `owner` is the qualified name of its class, "" for none."""

    function: FunctionId
    name: str
    params: tuple[ParameterInfo, ...]
    is_async: bool
    is_generator: bool
    owner: str
    site: Site
    name_site: Site


def constructor_value(instance: Value | None, name: str, position: int, default: Value) -> Value:
    """Argument of the constructor call of a library object.

    Unknown when the construction is not known; `default` when it is known and does not give the argument.
    """
    args = getattr(instance, "args", None)
    if (
        args is None
        or getattr(instance, "site", None) is None
        or not isinstance(getattr(instance, "cls", None), Extern)
    ):
        # A workspace subclass may pass other arguments to the library's constructor than it gets itself.
        return UNKNOWN
    index = 0
    for arg in args:
        if not isinstance(arg, Bound):
            continue
        if arg.name == name:
            return arg.value
        if arg.name == "**":
            return UNKNOWN
        if arg.name == "":
            if index == position:
                return arg.value
            index += 1
    return default
