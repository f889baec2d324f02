"""What a call gives: construction, workspace functions by their symbolic answers, library calls by models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shearpin.facts.call import FunctionInfo
from shearpin.facts.model import EnvRead
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NOTHING,
    UNKNOWN,
    Bound,
    Choice,
    ClassRef,
    Const,
    Env,
    Extern,
    ExternMethod,
    Field,
    FuncRef,
    Instance,
    Item,
    MappingValue,
    Param,
    Result,
    SequenceValue,
    Unknown,
    Value,
)
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.modules import models
from shearpin.meaning.objects import find_method, on_shelf, shelf_arguments, stored, substitute, typed
from shearpin.meaning.providers import is_provider, provided
from shearpin.meaning.strings import builtin_call, string_method, url_joined
from shearpin.meaning.values import class_of, home, is_symbolic, is_table, join, limited
from shearpin.meaning.world import World


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one call: keyword name ("" for positional) and value. `is_open`: `*x`/`**x` hide some."""

    args: tuple[tuple[str, Value], ...]
    is_open: bool

    def positional(self) -> tuple[Value, ...]:
        """Positional values in order."""
        return tuple(value for name, value in self.args if not name)

    def get(self, name: str, position: int) -> Value | None:
        """By keyword, else by position."""
        for key, value in self.args:
            if name and key == name:
                return value
        positional = self.positional()
        return positional[position] if 0 <= position < len(positional) else None

    def bounds(self) -> tuple[Bound, ...]:
        """As constructor arguments of a library class; "**" marks that some are hidden."""
        found = tuple(Bound(name, value) for name, value in self.args)
        return (*found, Bound("**", UNKNOWN)) if self.is_open else found


def bind(world: World, info: FunctionInfo, given: Given, receiver: Value | None) -> dict[Param, Value]:
    """Parameters of a function by what a call passes; defaults where nothing is passed and nothing is hidden."""
    found: dict[Param, Value] = {}
    positional = list(given.positional())
    if receiver is not None:
        positional.insert(0, receiver)
    keywords = {name: value for name, value in given.args if name}
    for index, param in enumerate(info.params):
        key = Param(info.function, index, param.name)
        if param.kind in ("star", "double"):
            continue
        if param.kind != "keyword" and positional:
            found[key] = positional.pop(0)
        elif param.name in keywords:
            found[key] = keywords[param.name]
        elif given.is_open:
            found[key] = UNKNOWN
        elif param.has_default:
            found[key] = default_value(world, info.function, index)
    return found


def default_value(world: World, function: FunctionId, index: int) -> Value:
    """The default of a parameter, or what is injected into it."""
    value = world.param_value(function, index)
    if isinstance(value, Param):
        return world.param_default(function, index)
    return value


def call_value(world: World, callee: Value, given: Given, site: Site) -> Value:
    """The value of `callee(given)`."""
    match callee:
        case Extern(name=name):
            return _library_call(world, name, None, given, site)
        case ExternMethod(name=name, receiver=receiver):
            return _library_call(world, name, receiver, given, site)
        case ClassRef():
            return construct(world, callee, given, site)
        case FuncRef(function=function, receiver=receiver, partial=partial):
            merged = Given((*((b.name, b.value) for b in partial), *given.args), given.is_open)
            return returned(world, function, merged, receiver)
        case Instance(cls=ClassRef() as cls):
            method = find_method(world, cls, "__call__")
            return UNKNOWN if method is None else returned(world, method, given, callee)
        case Instance() if is_provider(world, callee):
            return provided(world, callee, given.bounds(), site)
        case Instance(cls=Extern(name=name)) | Field(cls=Extern(name=name)) | Param(cls=Extern(name=name)):
            return _library_call(world, called_name(world, name), callee, given, site)
        case Choice(options=options):
            return join(call_value(world, option, given, site) for option in options)
        case Item(base=MappingValue(entries=entries), key=key) if key is not None and is_table(callee):
            return join(call_value(world, value, given, site) for _, value, _ in entries)
        case Item() if is_symbolic(callee):
            return limited(Result("", site, callee, given.bounds()))
        case Field() | Param():
            return limited(Result("", site, callee, given.bounds()))
        case _:
            return UNKNOWN


def called_name(world: World, cls: str) -> str:
    """Canonical name of calling an object of a library class, found along its bases."""
    known = models(world.db).calls
    names = [f"{owner}.__call__" for owner in library_bases(world, Extern(cls))]
    return next((name for name in names if name in known), names[0])


def returned(world: World, function: FunctionId, given: Given, receiver: Value | None) -> Value:
    """The answer of a workspace function for one caller."""
    answer = world.return_value(function)
    info = world.info(function)
    if answer == NOTHING or info is None:
        return NOTHING if answer == NOTHING else UNKNOWN
    return substitute(world, answer, bind(world, info, given, receiver))


def construct(world: World, cls: ClassRef, given: Given, site: Site) -> Value:
    """An object of a workspace class; arguments are named by the constructor's parameters ("name@index")."""
    init = find_method(world, cls, "__init__")
    info = None if init is None else world.info(init)
    if info is not None:
        bindings = bind(world, info, given, Unknown("self"))
        args = tuple(Bound(f"{p.name}@{p.index}", value) for p, value in bindings.items() if p.index)
        return limited(Instance(cls, args, site))
    names = world.fields(cls)
    bound: list[Bound] = []
    index = 0
    for name, value in given.args:
        if name:
            bound.append(Bound(name, value))
        else:
            bound.append(Bound(names[index] if index < len(names) else "", value))
            index += 1
    if given.is_open:
        bound.append(Bound("**", UNKNOWN))
    return limited(Instance(cls, tuple(bound), site))


def _library_call(world: World, name: str, receiver: Value | None, given: Given, site: Site) -> Value:
    known = models(world.db)
    env = known.env_reads.get(name)
    if env is not None:
        return _environment(env, name, given, site)
    if name in ("os.environ.get", "os.environ.pop") or (
        name.startswith("builtins.dict.") and _is_environ(known.env_mappings, receiver)
    ):
        return _environment(EnvRead(name), "os.environ.get", given, site)
    if name == "urllib.parse.urljoin" and len(given.positional()) > 1:
        return url_joined(*given.positional()[:2])
    if name in known.injections or known.class_model(name) is not None:
        given = Given((*given.args, *shelf_arguments(world, name, site.path)), given.is_open)
        return limited(Instance(Extern(name), given.bounds(), site))
    model = known.calls.get(name)
    if model is not None:
        positional = given.positional()
        if model.gathers:
            return SequenceValue(positional)
        if 0 <= model.returns_argument < len(positional):
            return positional[model.returns_argument]
        if 0 <= model.awaits_argument < len(positional):
            return positional[model.awaits_argument]
        if model.is_partial and positional:
            return _partial(positional[0], Given(given.args[1:], given.is_open))
        if model.returns_self and receiver is not None:
            return receiver
        if model.returns:
            owner = () if receiver is None else (Bound("owner", receiver),)
            args = (*owner, *given.bounds())
            maker = _construction(world, receiver) if model.returns_instance_of else None
            if model.returns_instance_of and maker is None:
                return Result(name, site, None if receiver is None else limited(receiver))
            cls = _class_argument(maker, model.returns_instance_of)
            return limited(typed(model.returns, args, site) if cls is None else Instance(cls, args, site))
    if name.startswith("builtins."):
        found = (
            string_method(name, receiver, given.args, site) if receiver is not None else builtin_call(name, given.args)
        )
        if found is not None:
            return found
    if name.endswith(".get") and given.positional():
        owner = receiver.cls if isinstance(receiver, Instance) else Extern(name.removesuffix(".get"))
        where = site.path if receiver is None else home(receiver)
        found = on_shelf(world, owner, where, given.positional()[0])
        if found is not None:
            return found
    return Result(name, site, None if receiver is None else limited(receiver))


def _construction(world: World, value: Value | None) -> Instance | None:
    """How an object was made, also one that an attribute of an object of a known class holds."""
    if isinstance(value, Field) and isinstance(owner := class_of(value.base), ClassRef):
        value = stored(world, owner, value.name)
    return value if isinstance(value, Instance) else None


def _class_argument(maker: Instance | None, name: str) -> ClassRef | Extern | None:
    """The class that an object was made with under a name."""
    found = next((arg.value for arg in maker.args if arg.name == name), None) if maker is not None else None
    return found if isinstance(found, (ClassRef, Extern)) else None


def _is_environ(mappings: frozenset[str], receiver: Value | None) -> bool:
    return isinstance(receiver, Extern) and receiver.name in mappings


def _environment(read: EnvRead, reader: str, given: Given, site: Site) -> Value:
    name = given.get(read.name_keyword, read.name_position)
    if name is None and read.default_name and not given.is_open:
        name = Const(read.default_name)
    if name is not None and is_symbolic(name):
        # A wrapper that is told the name: its callers know which variable is read.
        return limited(Result("", site, Extern(reader), given.bounds()))
    if not (isinstance(name, Const) and isinstance(name.value, str)):
        return Unknown("name of the environment variable is computed")
    default = given.get(read.default_keyword, read.default_position)
    return Env(name.value, default, site)


def _partial(target: Value, rest: Given) -> Value:
    if isinstance(target, FuncRef):
        return FuncRef(target.function, target.receiver, (*target.partial, *rest.bounds()))
    # Arguments that are bound to a library function cannot be shown, and may be its timeout.
    return Unknown("partial of a library function") if rest.args or rest.is_open else target


def elements(value: Value) -> Sequence[tuple[Value, Value]] | None:
    """(key, value) pairs of a literal collection; None when its elements are not known."""
    if isinstance(value, MappingValue):
        return [(key, item) for key, item, _ in value.entries]
    if isinstance(value, SequenceValue):
        return [(Const(index), item) for index, item in enumerate(value.items)]
    return None
