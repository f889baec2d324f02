"""Applications and routers of classes that the workspace derives from a library's: `class OurRouter(DefaultRouter)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit.facts import adapters
from shearpin.facts.call import Argument, ResolvedCall
from shearpin.facts.fact import Application, Mount
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import ClassRef, Extern, Instance, Value
from shearpin.meaning.lineage import library_bases
from shearpin.meaning.objects import find_method
from shearpin.meaning.queries import Meaning
from shearpin.meaning.values import options_of
from shearpin.query import Database


def inherited(db: Database, values: Iterable[Value], known: Iterable[Site]) -> Iterator[Application | Mount]:
    """What the library's adapter says of objects whose class is derived from the library's; not of `known` sites."""
    seen = set(known)
    for value in (option for given in values for option in options_of(given)):
        if not isinstance(value, Instance) or not isinstance(value.cls, ClassRef):
            continue
        if value.site is not None and value.site not in seen:
            seen.add(value.site)
            yield from _facts(db, value, value.cls, value.site)


def _facts(db: Database, value: Instance, cls: ClassRef, site: Site) -> Iterator[Application | Mount]:
    world = Meaning(db)
    # A constructor of its own may pass on something else than it gets.
    is_plain = find_method(world, cls, "__init__") is None
    args = tuple(Argument(arg.name, arg.value, site, site) for arg in value.args) if is_plain else ()
    for base in library_bases(world, cls):
        handler = adapters(db).handler(base)
        if handler is None:
            continue
        call = ResolvedCall(
            site=site,
            head=site,
            parens=site,
            function=FunctionId(site.path, site.part),
            callee=Extern(base),
            args=args,
            has_open_arguments=not is_plain,
            is_awaited=False,
            usage="value",
        )
        yield from (fact for fact in handler(call) if isinstance(fact, (Application, Mount)))
        return
