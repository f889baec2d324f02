"""What the parts of `meaning` ask of each other, so that none of them imports the other in a circle."""

from __future__ import annotations

from abc import ABC, abstractmethod

from shearpin.facts.call import FunctionInfo
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import Bound, ClassRef, Extern, Value
from shearpin.meaning.scopes import Binding, Scope
from shearpin.query import Database
from shearpin.syntax import ir


class World(ABC):
    """Questions that need evaluation; `meaning.queries` answers them with memoised queries."""

    def __init__(self, db: Database) -> None:
        self.db = db
        #: attributes of objects that are being looked up, outermost first: some are made of themselves
        self.open_attributes: list[tuple[Value, str]] = []
        #: calls whose callee became known while a value was substituted, outermost first
        self.open_calls: list[tuple[Value, tuple[Bound, ...]]] = []

    @abstractmethod
    def module_value(self, path: str, name: str) -> Value | None:
        """What a module-level name denotes; None when the module does not bind it."""

    @abstractmethod
    def value_before(self, path: str, name: str, part: str) -> Value | None:
        """What a module-level name holds where a part of the module begins; None when nothing above it binds it."""

    @abstractmethod
    def bound(self, scope: Scope, binding: Binding) -> Value:
        """What a binding of a scope gives its name."""

    @abstractmethod
    def defined(self, function: FunctionId) -> Value:
        """What the name of a function denotes: the function, or what a library's decorator makes of it."""

    @abstractmethod
    def return_value(self, function: FunctionId) -> Value:
        """What a function returns, symbolic in its parameters (what it yields, for a generator)."""

    @abstractmethod
    def attribute_value(self, cls: ClassRef, name: str) -> Value | None:
        """What `self.name` holds, symbolic in the parameters of the method that sets it; None when never set."""

    @abstractmethod
    def evaluate(self, scope: Scope, expr: ir.Expr) -> Value:
        """An expression that stands in a scope."""

    @abstractmethod
    def param_value(self, function: FunctionId, index: int) -> Value:
        """A parameter: what is injected into it, else Param."""

    @abstractmethod
    def param_default(self, function: FunctionId, index: int) -> Value:
        """The default that the definition gives; Unknown when there is none."""

    @abstractmethod
    def info(self, function: FunctionId) -> FunctionInfo | None:
        """Name, parameters and kind of a function."""

    @abstractmethod
    def call(self, callee: Value, args: tuple[Bound, ...], site: Site) -> Value:
        """What a call gives whose callee became known after its arguments."""

    @abstractmethod
    def bases(self, cls: ClassRef) -> tuple[Value, ...]:
        """Direct base classes."""

    @abstractmethod
    def method(self, cls: ClassRef, name: str) -> FunctionId | None:
        """A method that the class itself defines."""

    @abstractmethod
    def fields(self, cls: ClassRef) -> tuple[str, ...]:
        """Annotated class-level names in order: the constructor's parameters of a dataclass-like class."""

    @abstractmethod
    def class_level(self, cls: ClassRef, name: str) -> Value | None:
        """A class-level assignment of the class itself."""

    @abstractmethod
    def annotated_class(self, cls: ClassRef, name: str) -> ClassRef | Extern | None:
        """What the class's annotation of a field says."""

    @abstractmethod
    def decorator_names(self, function: FunctionId) -> tuple[str, ...]:
        """Canonical names of a function's decorators, "" for one that is not a library's."""

    @abstractmethod
    def shelved(self, path: str, cls: str, name: str) -> Value | None:
        """What the service of a file puts under a name on objects of a library class that hold anything."""
