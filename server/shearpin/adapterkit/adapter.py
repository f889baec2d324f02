"""An adapter as a value: what one library teaches `meaning`, and how its calls become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassFamily, ClassModel, EnvRead, FailureModel, Injection, Models

Handler = Callable[[ResolvedCall], Iterable[Fact]]
DecoratorHandler = Callable[[ResolvedDecorator], Iterable[Fact]]


class Adapter:
    """One library. Handlers are pure: a resolved call in, facts out; they never judge and never raise.

    `name` is the library; `distributions` the names on the package index; `version` the one its facts hold for.
    """

    def __init__(self, name: str, *, version: str, distributions: tuple[str, ...] = ()) -> None:
        self.name = name
        self.version = version
        self.distributions = distributions or (name,)
        self.call_handlers: dict[str, Handler] = {}
        self.decorator_handlers: dict[str, DecoratorHandler] = {}
        self._calls: dict[str, CallModel] = {}
        self._classes: dict[str, ClassModel] = {}
        self._env_reads: dict[str, EnvRead] = {}
        self._env_mappings: set[str] = set()
        self._injections: dict[str, Injection] = {}
        self._aliases: dict[str, str] = {}
        self._families: list[ClassFamily] = []
        self._failures: dict[str, FailureModel] = {}
        self.generated_handlers: list[tuple[str, str, Handler]] = []

    def models(self, *models: CallModel | ClassModel | ClassFamily | EnvRead | Injection) -> None:
        """Teach `meaning`."""
        for model in models:
            if isinstance(model, CallModel):
                self._calls[model.name] = model
            elif isinstance(model, ClassModel):
                self._classes[model.name] = model
            elif isinstance(model, ClassFamily):
                self._families.append(model)
            elif isinstance(model, EnvRead):
                self._env_reads[model.name] = model
            else:
                self._injections[model.name] = model

    def failures(self, *models: FailureModel) -> None:
        """Say which exceptions the library raises, and what each of them leaves open."""
        self._failures.update((model.name, model) for model in models)

    def alias(self, spelling: str, canonical: str) -> None:
        """Another dotted spelling of a canonical name; prefixes count ("redis.client.Redis" also maps its methods)."""
        self._aliases[spelling] = canonical

    def environment_mapping(self, name: str) -> None:
        """A mapping whose subscripts read environment variables ("os.environ")."""
        self._env_mappings.add(name)

    def calls(self, *names: str) -> Callable[[Handler], Handler]:
        """Subscribe to calls by canonical name: functions, classes (construction) and "class.method"."""

        def register(handler: Handler) -> Handler:
            for name in names:
                self.call_handlers[name] = handler
            return handler

        return register

    def generated(self, module: str, suffix: str) -> Callable[[Handler], Handler]:
        """Subscribe to functions of generated modules: module and function end with these texts."""

        def register(handler: Handler) -> Handler:
            self.generated_handlers.append((module, suffix, handler))
            return handler

        return register

    def methods(self, cls: str, *names: str) -> Callable[[Handler], Handler]:
        """Subscribe to methods of one class."""
        return self.calls(*(f"{cls}.{name}" for name in names))

    def decorates(self, *names: str) -> Callable[[DecoratorHandler], DecoratorHandler]:
        """Subscribe to decorators by canonical name, with or without parentheses."""

        def register(handler: DecoratorHandler) -> DecoratorHandler:
            for name in names:
                self.decorator_handlers[name] = handler
            return handler

        return register

    def taught(self) -> Models:
        """Everything this adapter teaches."""
        return Models(
            calls=dict(self._calls),
            classes=dict(self._classes),
            env_reads=dict(self._env_reads),
            env_mappings=frozenset(self._env_mappings),
            injections=dict(self._injections),
            aliases=dict(self._aliases),
            families=tuple(self._families),
            failures=dict(self._failures),
        )


class AdapterSet(msgspec.Struct, frozen=True):
    """All adapters, merged: what subscribes to which name, and all models."""

    call_handlers: dict[str, Handler]
    decorator_handlers: dict[str, DecoratorHandler]
    models: Models
    #: last segments of all subscribed method names: calls on unresolved objects are kept only for these
    method_names: frozenset[str]
    #: last segments of everything subscribed to or modelled with callbacks: code that mentions none has no facts
    names: frozenset[str] = frozenset()
    #: names of classes whose objects are called under names of their own, and of what makes such objects
    holders: frozenset[str] = frozenset()
    #: (end of the module, end of the function, handler) for functions of generated modules
    generated_handlers: tuple[tuple[str, str, Handler], ...] = ()

    def subscribes(self, name: str) -> bool:
        """True when a call of this canonical name may become facts; methods are also looked up along base classes."""
        if name in self.call_handlers or ("." in name and name.rsplit(".", 1)[-1] in self.method_names):
            return True
        return self._generated(name) is not None

    def handler(self, name: str) -> Handler | None:
        """The handler of a canonical name, found along the base classes that models declare."""
        pending = [name.rpartition(".")]
        found = self.call_handlers.get(name)
        seen: set[str] = set()
        while found is None and pending:
            owner, _, method = pending.pop(0)
            if owner in seen:
                continue
            seen.add(owner)
            found = self.call_handlers.get(f"{owner}.{method}")
            model = self.models.class_model(owner)
            pending.extend((base, ".", method) for base in (model.bases if model else ()))
        return found or self._generated(name)

    def _generated(self, name: str) -> Handler | None:
        for module, suffix, handler in self.generated_handlers:
            if name.endswith(suffix) and name.rpartition(".")[0].endswith(module):
                return handler
        return None


def merge(adapters: Iterable[Adapter]) -> AdapterSet:
    """Join adapters; two that subscribe to one name are a programming error."""
    calls: dict[str, Handler] = {}
    decorators: dict[str, DecoratorHandler] = {}
    models = Models(calls={}, classes={}, env_reads={}, injections={}, aliases={}, failures={})
    mappings: set[str] = set()
    families: list[ClassFamily] = []
    generated: list[tuple[str, str, Handler]] = []
    for adapter in adapters:
        clash = calls.keys() & adapter.call_handlers.keys() | decorators.keys() & adapter.decorator_handlers.keys()
        if clash:
            message = f"adapter {adapter.name}: {sorted(clash)} already taken"
            raise ValueError(message)
        calls.update(adapter.call_handlers)
        decorators.update(adapter.decorator_handlers)
        taught = adapter.taught()
        models.calls.update(taught.calls)
        models.classes.update(taught.classes)
        models.env_reads.update(taught.env_reads)
        models.injections.update(taught.injections)
        models.aliases.update(taught.aliases)
        models.failures.update(taught.failures)
        mappings |= taught.env_mappings
        families.extend(taught.families)
        generated.extend(adapter.generated_handlers)
    merged = Models(
        calls=models.calls,
        classes=models.classes,
        env_reads=models.env_reads,
        env_mappings=frozenset(mappings),
        injections=models.injections,
        aliases=models.aliases,
        families=tuple(families),
        failures=models.failures,
    )
    names = frozenset(_last(name) for name in calls)
    wider = {_last(name) for name in (*decorators, *(m.name for m in models.calls.values() if m.callbacks))}
    subscribed = {*calls, *decorators}
    holders = _holders(merged, subscribed)
    spellings = {_last(name) for name, target in merged.aliases.items() if target in subscribed}
    known = names | wider | holders | spellings
    return AdapterSet(calls, decorators, merged, names, known, holders, tuple(generated))


def _holders(models: Models, subscribed: set[str]) -> frozenset[str]:
    """Last segments of classes whose objects, or items of whose objects, are called, and of calls that give them."""
    called = {name.removesuffix(".__call__") for name in subscribed if name.endswith(".__call__")}
    for _ in range(2):
        called |= {name for name, model in models.classes.items() if model.item in called}
    makers = {name for name, model in models.calls.items() if model.returns in called}
    spellings = {name for name, target in models.aliases.items() if target in called}
    return frozenset(_last(name) for name in called | makers | spellings)


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]
