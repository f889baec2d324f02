"""Models: what adapters teach `meaning` about library names, as plain data.

Canonical names are the shortest public dotted name that users import ("httpx.AsyncClient", "redis.asyncio.Redis");
a method is "class.method". Names that a library re-exports elsewhere are listed as aliases.
"""

from __future__ import annotations

from enum import Enum

import msgspec


class Mode(Enum):
    """How a library calls a function that is handed to it."""

    DIRECT = "direct"  #: in place, before the library call returns
    THREAD = "thread"  #: in another thread; the caller may wait or not
    PROCESS = "process"
    TASK = "task"  #: as a task on the event loop
    LATER = "later"  #: asynchronous hand-over: another process or a later moment runs it


class Callback(msgspec.Struct, frozen=True):
    """One argument that a library calls: position (-1: none) or keyword.

    `parameters` are the canonical classes of what it passes ("" unknown); `context` is what the callback runs as:
    "", "request", "consumer", "task", "periodic", "startup", "shutdown". `passes_from` is the position of the first
    argument that is passed on to the callback (`to_thread(f, *args)`: 1), -1 for none. `of_receiver`: not an argument
    but what the receiver was constructed with under `keyword` (`task.delay()`, whose function is "function").
    """

    position: int
    keyword: str = ""
    mode: Mode = Mode.DIRECT
    parameters: tuple[str, ...] = ()
    context: str = ""
    passes_from: int = -1
    of_receiver: bool = False
    #: it calls a plain function: a coroutine that the callback returns is thrown away
    never_awaits: bool = False


class CallModel(msgspec.Struct, frozen=True):
    """What a call of a library function, class or method gives.

    `returns`: canonical class of the result ("" unknown), "type[name]" when the result is the class itself.
    `returns_argument`: position of the argument that comes back unchanged (-1 none). `returns_self`: the receiver comes
    back. `gathers`: the result is the sequence of the (awaited) arguments. `enters`: canonical class that
    `with call() as x` binds when it is not the result itself.
    `is_partial`: functools.partial. `transparent_decorator`: as a decorator it keeps the function's signature and calls
    it once in place. `cached`: the decorated function returns the same object each time.
    `awaits_argument`: the argument at this position is a coroutine that runs as part of this call
    (`asyncio.wait_for(f(), 1)`, position 0), -1 none. `schedules_argument`: it runs as a task (`create_task(f())`).
    """

    name: str
    returns: str = ""
    returns_argument: int = -1
    returns_self: bool = False
    gathers: bool = False
    enters: str = ""
    callbacks: tuple[Callback, ...] = ()
    is_partial: bool = False
    transparent_decorator: bool = False
    cached: bool = False
    awaits_argument: int = -1
    schedules_argument: int = -1
    #: the decorated name becomes an object of this class that holds the function as argument "function" (celery task)
    decorated_class: str = ""
    #: with `name=True` in the decorator, the function's first parameter is an object of `decorated_class`
    binds_self_by: str = ""
    #: constructor argument of the receiver that holds the class of the result (`sessionmaker(class_=AsyncSession)`)
    returns_instance_of: str = ""
    #: classes of what the decorated function gets, after `self`, where it does not annotate them ("" unknown)
    decorated_parameters: tuple[str, ...] = ()
    #: context in which a function decorated with this runs ("request", "consumer", "task", "startup", ...)
    decorated_context: str = ""
    #: as a decorator, it runs a plain function: a coroutine that the decorated function returns is thrown away
    never_awaits: bool = False
    #: it gives messages that a broker delivered: one, or one after the other when it is iterated over
    receives: bool = False
    #: it hands messages to the callbacks that were registered, until it ends
    dispatches: bool = False
    #: `with call("SHOP_"):` puts its argument in front of the names of variables that are read inside
    prefixes_environment: bool = False


class ClassModel(msgspec.Struct, frozen=True):
    """A library class: base classes, typed attributes, what `with` and `for` bind.

    An attribute's type is "type[name]" when it holds a class. `enters` "" means `with obj as x` binds obj itself.
    `iterates` is the class of a loop variable over the object.
    """

    name: str
    bases: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    enters: str = ""
    iterates: str = ""
    #: iterating over it takes messages from a broker
    gives_messages: bool = False
    #: only one thread may use an object of it
    one_thread: bool = False
    #: class of `obj["name"]`, and of `obj.name` where no call of that name is modelled; built with argument "name"
    item: str = ""
    #: (attribute, class): functions in this list or mapping of a subclass run with such an object as first argument
    runs: tuple[tuple[str, str], ...] = ()
    #: held by a class, it stands for a value of each object (a column): `User.name` and `user.name` stay what they are
    is_descriptor: bool = False
    #: code puts anything on its objects and reads it elsewhere in the service: `state.client`, `config["URL"]`
    is_shelf: bool = False
    #: methods that put several names at once, by keywords or from a mapping or object ("update", "from_object")
    shelved_by: tuple[str, ...] = ()
    #: (argument, shelf class, name): its objects take these from such a shelf as if they were given as arguments
    from_shelf: tuple[tuple[str, str, str], ...] = ()
    #: the class's fields are read from the environment by these rules ("pydantic-settings")
    settings_rules: str = ""
    #: methods of its subclasses that a framework calls for each request
    handlers: tuple[str, ...] = ()
    #: these run on the event loop also when they are plain functions
    handlers_on_loop: bool = False
    #: a shelf that takes names from modules: an environment variable that names them, else a name that they bind
    filled_from: tuple[str, str] | None = None
    #: attributes of the object or class that holds it, which it knows as if they were given as arguments ("name")
    from_holder: tuple[str, ...] = ()
    #: held by a class, it declares a field that the constructor takes: under its name ("named"), or without leading
    #: underscores ("stripped"), unless it is given an `alias`
    declares: str = ""
    #: held by a class, it stands for such an object (as in `attributes`)
    provides: str = ""
    #: calling an object of it gives its first argument ("itself"), or what that gives when called with the others
    #: ("call")
    makes: str = ""
    #: held by a class, it stands for what this method of it returns (nameko's `get_dependency`)
    stands_for: str = ""


class ClassFamily(msgspec.Struct, frozen=True):
    """Classes of generated modules: each one whose module ends with `module` and whose name ends with `suffix`.

    They are classes of a library, with the class `base` above them, whether the module is in the workspace or not.
    """

    module: str
    suffix: str
    base: str


class EnvRead(msgspec.Struct, frozen=True):
    """A call that reads an environment variable."""

    name: str
    name_position: int = 0
    default_position: int = 1
    default_keyword: str = "default"
    #: the variable that is read when none is named
    default_name: str = ""
    name_keyword: str = ""


class Injection(msgspec.Struct, frozen=True):
    """A marker in a parameter's default or Annotated metadata: the parameter is what calling argument 0 gives."""

    name: str
    callable_position: int = 0
    callable_keyword: str = "dependency"


class FailureModel(msgspec.Struct, frozen=True):
    """An exception class that a client library raises when a call fails.

    `outcomes` say what may have become of the request when exactly this class is raised: "not-sent" (it never reached
    the target), "unknown" (it may have been carried out), "answered" (the target answered with an error status).
    `bases` are its base classes, canonical or of the standard library.
    """

    name: str
    outcomes: tuple[str, ...]
    bases: tuple[str, ...] = ()


class Models(msgspec.Struct, frozen=True):
    """All models of all adapters, by canonical name. `aliases` maps other spellings to canonical names."""

    calls: dict[str, CallModel] = {}
    classes: dict[str, ClassModel] = {}
    env_reads: dict[str, EnvRead] = {}
    env_mappings: frozenset[str] = frozenset()
    injections: dict[str, Injection] = {}
    aliases: dict[str, str] = {}
    families: tuple[ClassFamily, ...] = ()
    failures: dict[str, FailureModel] = {}

    def class_model(self, name: str) -> ClassModel | None:
        """The model of a library class, by its name or by its family."""
        found = self.classes.get(name)
        if found is not None or not self.families:
            return found
        module, _, last = name.rpartition(".")
        for family in self.families:
            if module.endswith(family.module) and last.endswith(family.suffix):
                return ClassModel(name, bases=(family.base,))
        return None

    def knows(self, name: str) -> bool:
        """True for the canonical name of a function or class that some model is about."""
        return name in self.calls or name in self.env_reads or name in self.injections or name in self.classes

    def is_generated(self, module: str) -> bool:
        """True for a module that is generated for a family, by its dotted name."""
        return any(module.endswith(family.module) for family in self.families)
