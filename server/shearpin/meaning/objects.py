"""Attributes of values, and substitution of parameters by what a caller passes."""

from __future__ import annotations

from collections.abc import Mapping

from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NONE,
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
    ModuleRef,
    Param,
    Result,
    SequenceValue,
    Template,
    Value,
)
from shearpin.meaning.field_declarations import constructed
from shearpin.meaning.items import item
from shearpin.meaning.lineage import library_bases, linearise
from shearpin.meaning.modules import canonical, models, submodule
from shearpin.meaning.settings_classes import settings_field
from shearpin.meaning.subclasses import subclasses
from shearpin.meaning.supers import super_arguments
from shearpin.meaning.values import (
    class_of,
    first_of,
    home,
    is_stringlike,
    is_symbolic,
    is_table,
    join,
    limited,
    options_of,
    params_of,
    template,
)
from shearpin.meaning.world import World

Bindings = Mapping[Param, Value]
_MAX_BASES = 8
#: attributes of objects that one look-up may go through
_MAX_OPEN = 12
_MAX_CALLS = 5
_PROTOCOLS = frozenset(("typing.Protocol", "typing_extensions.Protocol"))
_PROPERTIES = frozenset(("builtins.property", "functools.cached_property"))


def attribute(world: World, base: Value, name: str) -> Value:
    """`base.name`."""
    match base:
        case ModuleRef(path=path):
            found = world.module_value(path, name)
            return found if found is not None else submodule(world.db, path, name) or UNKNOWN
        case Extern(name=prefix):
            return Extern(canonical(world.db, f"{prefix}.{name}"))
        case ClassRef():
            return _class_attribute(world, base, name)
        case Instance():
            return _instance_attribute(world, base, name)
        case Choice(takes=takes, options=options) if takes and any(map(is_stringlike, options)):
            # `(url or "http://orders").rstrip("/")`: whatever a caller passes is text.
            return ExternMethod(f"builtins.str.{name}", base)
        case Choice(options=options):
            return _one_method(join(attribute(world, option, name) for option in options))
        case Param(cls=cls) | Field(cls=cls) if cls is not None:
            return _typed_attribute(world, base, cls, name)
        case Item(base=MappingValue(entries=entries), key=key) if key is not None and is_table(base):
            # `{"dev": Dev, "prod": Prod}[os.environ["STAGE"]].URL`
            return join(attribute(world, value, name) for _, value, _ in entries)
        case Param() | Field() | Item() | Result():
            return Field(base, name)
        case MappingValue():
            return ExternMethod(f"builtins.dict.{name}", base)
        case SequenceValue():
            return ExternMethod(f"builtins.list.{name}", base)
        case Const(value=str()) | Template() | Env() if name == "value":
            # Text has no such attribute: it is a member of an enumeration.
            return base
        case Const(value=str()) | Template() | Env():
            return ExternMethod(f"builtins.str.{name}", base)
        case FuncRef() if name in ("__wrapped__", "func"):
            return base
        case _:
            return UNKNOWN


def _one_method(found: Value) -> Value:
    """One method of several receivers where the alternatives are a library's method and parameters of unknown class.

    `self.client = client or httpx.AsyncClient()`: whatever a caller passes, it is used as that client.
    """
    if not isinstance(found, Choice):
        return found
    names = {option.name for option in found.options if isinstance(option, ExternMethod)}
    receivers: list[Value] = []
    for option in found.options:
        if isinstance(option, ExternMethod):
            receivers.append(option.receiver)
        elif isinstance(option, Field) and isinstance(option.base, (Param, Field)):
            receivers.append(option.base)
        else:
            return found
    return ExternMethod(names.pop(), join(receivers)) if len(names) == 1 else found


def _class_attribute(world: World, cls: ClassRef, name: str) -> Value:
    for base in linearise(world, cls):
        if isinstance(base, Extern):
            # `OrderView.as_view(...)`: a class method that a model knows keeps the class it is called on.
            owners = library_bases(world, base)
            held = typed_attribute(world, owners, name, cls)
            if held is not None:
                return held
            modelled = next((f"{o}.{name}" for o in owners if f"{o}.{name}" in models(world.db).calls), "")
            return ExternMethod(modelled, cls) if modelled else Extern(canonical(world.db, f"{base.name}.{name}"))
        method = world.method(base, name)
        if method is not None:
            receiver = cls if "builtins.classmethod" in world.decorator_names(method) else None
            return FuncRef(method, receiver)
        found = world.class_level(base, name)
        if found == NONE:
            # A placeholder that a class method replaces: `cls._instance = cls()`.
            found = world.attribute_value(base, name)
        if found is not None:
            return Field(cls, name) if _is_descriptor(world, found) else _held(world, cls, found)
        if name in world.fields(base):
            return Field(cls, name)
    return UNKNOWN


def _is_descriptor(world: World, value: Value) -> bool:
    kind = value.cls.name if isinstance(value, Instance) and isinstance(value.cls, Extern) else ""
    known = models(world.db).classes
    return kind in known and known[kind].is_descriptor


def _held(world: World, holder: Value, value: Value) -> Value:
    """An object as the object or class that holds it sees it: it may know its holder, or stand for something else."""
    if not isinstance(value, Instance):
        return value
    known = models(world.db).classes
    owners = [known[owner] for owner in library_bases(world, value.cls) if owner in known]
    names = tuple(name for owner in owners for name in owner.from_holder)
    if names:
        value = Instance(value.cls, (*value.args, *_from_holder(world, holder, names)), value.site)
    provides = next((owner.provides for owner in owners if owner.provides), "")
    if provides:
        return typed(provides, (Bound("owner", value),), None)
    method = next((owner.stands_for for owner in owners if owner.stands_for), "")
    provider = find_method(world, value.cls, method) if method and isinstance(value.cls, ClassRef) else None
    if provider is None:
        return value
    return substitute(world, world.return_value(provider), {Param(provider, 0, "self"): value})


def _from_holder(world: World, holder: Value, names: tuple[str, ...]) -> tuple[Bound, ...]:
    """What the holder knows under these names, as arguments."""
    found = ((name, attribute(world, holder, name)) for name in names)
    return tuple(Bound(name, value) for name, value in found if isinstance(value, (Const, Template, Env, Choice)))


def method_of(world: World, cls: ClassRef, name: str, receiver: Value) -> Value | None:
    """A method or property looked up along the bases; None when only a library base could have it."""
    for base in linearise(world, cls):
        if isinstance(base, Extern):
            return None
        method = world.method(base, name)
        if method is None:
            continue
        names = world.decorator_names(method)
        if _PROPERTIES & set(names):
            return substitute(world, world.return_value(method), {Param(method, 0, "self"): receiver})
        if "builtins.staticmethod" in names:
            return FuncRef(method)
        return FuncRef(method, cls if "builtins.classmethod" in names else receiver)
    return None


def _instance_attribute(world: World, base: Instance, name: str) -> Value:
    if isinstance(base.cls, Extern):
        return _library_attribute(world, base.cls, base, name)
    # `super()` stands for the same object, seen as one of its base.
    this = next((b.value for b in base.args if b.name == "self"), base) if base.site is None else base
    method = method_of(world, base.cls, name, this)
    if method is not None:
        return method
    for bound in base.args:
        if isinstance(bound, Bound) and bound.name == name and name in world.fields(base.cls):
            return bound.value
    given = constructed(world, base, name)
    if given is not None and settings_field(world, linearise(world, base.cls), name) is None:
        return given
    found = stored(world, base.cls, name)
    if found is not None and _is_descriptor(world, found):
        return Field(base, name)
    if found is not None:
        return _constructed(world, base, name, found)
    return _library_fallback(world, base.cls, base, name)


def _constructed(world: World, base: Instance, name: str, found: Value) -> Value:
    """What an attribute holds in an object that was constructed with known arguments."""
    if found == NOTHING or (base, name) in world.open_attributes:
        # `self.scope = parsed(self.scope)` adds nothing to what the attribute holds otherwise.
        return NOTHING
    if len(world.open_attributes) >= _MAX_OPEN:
        return UNKNOWN
    world.open_attributes.append((base, name))
    try:
        value = substitute(world, found, {**_own_methods(world, base, found), **constructor_bindings(world, base)})
        value = substitute(world, value, inherited_bindings(world, base, value))
    finally:
        world.open_attributes.pop()
    return UNKNOWN if value == NOTHING and not world.open_attributes else _held(world, base, value)


def _own_methods(world: World, base: Instance, found: Value) -> dict[Param, Value]:
    """`self` of the methods that assign an attribute (`self.client = Client(self.url)`, made when first needed)."""
    line = linearise(world, base.cls) if isinstance(base.cls, ClassRef) else ()
    bound: dict[Param, Value] = {}
    for param in params_of(found):
        info = world.info(param.function) if param.index == 0 and param.cls in line else None
        if info is not None and isinstance(param.cls, ClassRef) and info.owner == param.cls.name:
            bound[param] = base
    return bound


def _typed_attribute(world: World, base: Value, cls: ClassRef | Extern, name: str) -> Value:
    if isinstance(cls, Extern):
        return _library_attribute(world, cls, base, name)
    method = method_of(world, cls, name, base)
    if method is not None:
        return _implemented(world, base, cls, name, method)
    found = stored(world, cls, name)
    if found is None:
        owners = [owner for owner in linearise(world, cls) if isinstance(owner, ClassRef)]
        for owner in owners:
            if name in world.fields(owner):
                return Field(base, name, world.annotated_class(owner, name))
        inherited = _library_fallback(world, cls, base, name)
        # A mixin's attribute that only those who use it have.
        return Field(base, name) if inherited == UNKNOWN else inherited
    if _is_descriptor(world, found):
        return Field(base, name)
    if is_symbolic(found) or any(world.class_level(sub, name) is not None for sub in subclasses(world, cls)):
        return Field(base, name, _used_as(found) or world.annotated_class(cls, name))
    return _held(world, base, found)


def _used_as(value: Value) -> ClassRef | Extern | None:
    """The class of a value; `client or Client()` is used as a Client, whatever a caller passes."""
    known = [option for option in options_of(value) if not (isinstance(option, Param) and option.cls is None)]
    return class_of(join(known))


def _implemented(world: World, base: Value, cls: ClassRef, name: str, method: Value) -> Value:
    """A method of an object of which only a base class is known: what is abstract stands for its implementations."""
    is_protocol = not _PROTOCOLS.isdisjoint(library_bases(world, cls))
    if not isinstance(method, FuncRef):
        return method
    if not is_protocol and "abc.abstractmethod" not in world.decorator_names(method.function):
        return method
    found = [method_of(world, sub, name, base) for sub in subclasses(world, cls) if world.method(sub, name) is not None]
    if not found and is_protocol:
        # Any class with these methods will do, and which one is used only its constructor tells.
        return Field(base, name)
    return join(value for value in found if value is not None) if found else method


def stored(world: World, cls: ClassRef, name: str) -> Value | None:
    """What an attribute holds: settings field, `self.name = ...`, class level; along the bases."""
    setting = settings_field(world, linearise(world, cls), name)
    if setting is not None:
        return setting
    for base in linearise(world, cls):
        if isinstance(base, Extern):
            continue
        found = world.attribute_value(base, name)
        if found is not None:
            return found
    return None


def _library_fallback(world: World, cls: ClassRef, base: Value, name: str) -> Value:
    names = library_bases(world, cls)
    for library in names:
        if library != "builtins.object":
            return _library_attribute(world, Extern(library), base, name)
    return UNKNOWN


def _library_attribute(world: World, cls: Extern, base: Value, name: str) -> Value:
    known = models(world.db)
    held = typed_attribute(world, library_bases(world, cls), name, base)
    if held is not None:
        return held
    for owner in library_bases(world, cls):
        if f"{owner}.{name}" in known.calls:
            return ExternMethod(f"{owner}.{name}", base)
    found = None if name.startswith("_") else library_item(world, base, Const(name))
    return found or ExternMethod(f"{cls.name}.{name}", base)


def typed_attribute(world: World, owners: tuple[str, ...], name: str, base: Value) -> Value | None:
    """What models say an attribute of `base`, an object or class of one of these library classes, holds."""
    known = models(world.db).classes
    for owner in owners:
        for attr, kind in known[owner].attributes if owner in known else ():
            if attr == name:
                names = known[kind].from_holder if kind in known else ()
                held = _from_holder(world, base, names) if names else ()
                return typed(kind, (Bound("owner", base), *held), None)
    return None


def typed(kind: str, args: tuple[Bound, ...], site: Site | None) -> Instance | Extern:
    """An object of a library class, or the class itself for "type[name]"."""
    return Extern(kind[5:-1]) if kind.startswith("type[") else Instance(Extern(kind), args, site)


def on_shelf(world: World, cls: ClassRef | Extern, path: str, name: Value) -> Value | None:
    """What lies under a name on an object that holds anything, as a file of its service sees it; None when nothing."""
    known = models(world.db).classes
    shelf = next((owner for owner in library_bases(world, cls) if owner in known and known[owner].is_shelf), "")
    if not shelf or not path or not (isinstance(name, Const) and isinstance(name.value, str)):
        return None
    return world.shelved(path, shelf, name.value)


def shelf_arguments(world: World, cls: str, path: str) -> tuple[tuple[str, Value], ...]:
    """Arguments that an object of a library class takes from what the service put on a shelf (`app.config`)."""
    model = models(world.db).classes.get(cls)
    found = ((name, world.shelved(path, shelf, key)) for name, shelf, key in (model.from_shelf if model else ()))
    return tuple((name, value) for name, value in found if value is not None)


def library_item(world: World, base: Value, key: Value) -> Value | None:
    """`obj["name"]` and `obj.name` of a library class whose items are objects, such as databases and collections."""
    cls = class_of(base)
    if cls is None:
        return None
    found = on_shelf(world, cls, home(base), key)
    if found is not None:
        return found
    known = models(world.db).classes
    kind = next((known[owner].item for owner in library_bases(world, cls) if owner in known and known[owner].item), "")
    return Instance(Extern(kind), (Bound("owner", base), Bound("name", key)), None) if kind else None


def constructor_bindings(world: World, instance: Instance) -> dict[Param, Value]:
    """The parameters of `__init__` by what the construction passed; nothing when the construction is unknown."""
    if not isinstance(instance.cls, ClassRef):
        return {}
    init = find_method(world, instance.cls, "__init__")
    if init is None:
        return {}
    found: dict[Param, Value] = {Param(init, 0, "self"): instance}
    if instance.site is None:
        return found
    for bound in instance.args:
        if isinstance(bound, Bound) and bound.name.partition("@")[2].isdigit():
            name, _, index = bound.name.partition("@")
            found[Param(init, int(index), name)] = bound.value
    return found


def inherited_bindings(world: World, instance: Instance, value: Value) -> dict[Param, Value]:
    """Parameters of a base's `__init__` that a value still depends on, by what `super().__init__(...)` passes."""
    own = find_method(world, instance.cls, "__init__") if isinstance(instance.cls, ClassRef) else None
    if own is None or instance.site is None or not any(p.function != own for p in params_of(value)):
        return {}
    found = constructor_bindings(world, instance)
    for _ in range(_MAX_BASES):
        given = super_arguments(world, own)
        if given is None:
            break
        own, passed = given
        found.update({param: substitute(world, bound, found) for param, bound in passed.items()})
    return found


def find_method(world: World, cls: ClassRef, name: str) -> FunctionId | None:
    """A method along the bases, as its function."""
    for base in linearise(world, cls):
        if isinstance(base, ClassRef):
            method = world.method(base, name)
            if method is not None:
                return method
    return None


def substitute(world: World, value: Value, bindings: Bindings) -> Value:
    """Replace parameters; whatever becomes resolvable by that is resolved."""
    if not bindings or not is_symbolic(value):
        return value
    plain = {(param.function, param.index): bound for param, bound in bindings.items()}
    return limited(_Substitution(world, plain).apply(value))


_CALLABLE = (Extern, ExternMethod, FuncRef, ClassRef)


class _Substitution:
    def __init__(self, world: World, bindings: Mapping[tuple[FunctionId, int], Value]) -> None:
        self.world = world
        self.bindings = bindings
        #: by identity of the value, which is kept so that no other one gets it; pieces are shared by many
        self._known: dict[int, tuple[Value, Value]] = {}

    def apply(self, value: Value) -> Value:
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        found = self._apply(value) if is_symbolic(value) else value
        self._known[id(value)] = value, found
        return found

    def _apply(self, value: Value) -> Value:
        match value:
            case Param(function=function, index=index):
                return self.bindings.get((function, index), value)
            case Field(base=base, name=name):
                inner = self.apply(base)
                return value if inner == base else attribute(self.world, inner, name)
            case Item(base=base, key=key):
                inner, at = self.apply(base), None if key is None else self.apply(key)
                held = library_item(self.world, inner, at) if at is not None and inner != base else None
                return held or item(inner, at)
            case Template(parts=parts):
                return template(map(self.apply, parts))
            case Choice(options=options, takes=takes):
                found = tuple(map(self.apply, options))
                return first_of(found, takes) if takes else join(found)
            case Env(name=name, default=default, site=site) if default is not None:
                return Env(name, self.apply(default), site)
            case Instance(cls=cls, args=args, site=site):
                return Instance(cls, tuple(Bound(arg.name, self.apply(arg.value)) for arg in args), site)
            case FuncRef(function=function, receiver=receiver, partial=partial):
                bound = tuple(Bound(arg.name, self.apply(arg.value)) for arg in partial)
                return FuncRef(function, None if receiver is None else self.apply(receiver), bound)
            case ExternMethod(name=name, receiver=receiver):
                return self._method(value, name, receiver)
            case Result(name=name, site=site, receiver=receiver, args=args) if receiver is not None:
                inner = self.apply(receiver)
                bound = tuple(Bound(arg.name, self.apply(arg.value)) for arg in args)
                if not name and isinstance(inner, _CALLABLE):
                    return self._called(inner, bound, site)
                return Result(name, site, inner, bound)
            case MappingValue(entries=entries):
                return MappingValue(tuple((self.apply(key), self.apply(item_), site) for key, item_, site in entries))
            case SequenceValue(items=items):
                return SequenceValue(tuple(map(self.apply, items)))
            case _:
                return value

    def _called(self, callee: Value, args: tuple[Bound, ...], site: Site) -> Value:
        """What the call gives now; one that leads to itself adds nothing (`def a(f): return f(a)`)."""
        opened = self.world.open_calls
        if (callee, args) in opened:
            return NOTHING
        if len(opened) >= _MAX_CALLS:
            return UNKNOWN
        opened.append((callee, args))
        try:
            return self.world.call(callee, args, site)
        finally:
            opened.pop()

    def _method(self, value: ExternMethod, name: str, receiver: Value) -> Value:
        inner = self.apply(receiver)
        found = attribute(self.world, inner, name.rsplit(".", 1)[-1]) if inner != receiver else value
        return found if isinstance(found, (ExternMethod, FuncRef)) else ExternMethod(name, inner)
