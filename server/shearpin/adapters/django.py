"""Django: URL lists, views as functions and classes, settings, where a process starts.

`urlpatterns` of a module are served under the prefix of every `include` of it; the root is the setting `ROOT_URLCONF`.
A pattern has no leading slash and is joined to its prefix without one. A view takes every method unless a decorator or
its class says less. A missing last slash is redirected (`APPEND_SLASH`). Plain views run in worker threads,
coroutine views on the event loop.

## Lists of URLs
```python
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST

class OrderView(View):
    def get(self, request, order_id): ...
    async def post(self, request, order_id): ...

@require_http_methods(["GET", "PUT"])
def stock(request): ...

@require_POST
def pay(request, order_id): ...

v1 = [path("orders/<int:order_id>/", OrderView.as_view()), path("pay/<uuid:order_id>", login_required(pay))]
urlpatterns = [
    path("admin/", admin.site.urls),
    path("v1/", include(v1)),
    path("shop/", include("shop.urls")),
    path("shop/v2/", include(("shop.v2", "v2"), namespace="v2")),
    re_path(r"^stock/(?P<sku>[-a-z]+)/$", stock),
]
```
```facts
11: Accepts GET,PUT handler=stock
14: Accepts POST handler=pay
17: Mount path@17 on app.py default
17: Route * /orders/{order_id}/ handler=OrderView worker class on path@17
17: Mount path@17 on app.py default
17: Route * /pay/{order_id} handler=pay worker on path@17
19: Mount path@19 on app.py default
19: Mount urls on path@19 prefix=/admin/
20: Mount path@20 on app.py default
20: Mount path@17 on path@20 prefix=/v1/
20: Mount path@17 on path@20 prefix=/v1/
21: Mount path@21 on app.py default
21: Mount shop.urls on path@21 prefix=/shop/
22: Mount path@22 on app.py default
22: Mount shop.v2 on path@22 prefix=/shop/v2/
23: Mount re_path@23 on app.py default
23: Route * /stock/{sku}/ handler=stock worker on re_path@23
```

## Settings and the start of a process
```python
import os

import requests
from django.conf import settings
from django.core.wsgi import get_wsgi_application

ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["DB"], "NAME": "shop"}}
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://cache:6379/1"}}
STOCK_URL = os.environ.get("STOCK_URL", "http://stock:8000")

application = get_wsgi_application()

def load(request):
    requests.get(f"{settings.STOCK_URL}/items", timeout=2)
```
```facts
8: ClientCreated sql target=postgresql://{$DB}/shop
12: Application get_wsgi_application@12 slash=append
12: ClientCreated redis target=redis://cache:6379/1
12: Mount shop.urls on get_wsgi_application@12
15: HttpCall GET {$STOCK_URL|http://stock:8000}/items timeout=2(call) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Basis, argument_of, basis, class_name, made
from shearpin.adapterkit.djangosettings import SETTINGS, cache_address, databases
from shearpin.adapterkit.regexpath import regex_path, slash_may_miss
from shearpin.adapterkit.routes import (
    NO_PREFIX,
    accepts,
    angles,
    application,
    handler_of,
    methods_of,
    mount,
    rewritten,
    route,
)
from shearpin.adapterkit.store import joined, owner_of
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import ClientCreated, Fact
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    ClassRef,
    Const,
    Extern,
    Instance,
    ModuleRef,
    Result,
    SequenceValue,
    Template,
    Value,
)

ADAPTER = Adapter("django", version="5.2.19", distributions=("Django",))

_PATHS = ("django.urls.path", "django.urls.re_path")
_INCLUDE = "django.urls.include"
_VIEW = "django.views.View"
_STARTS = (
    "django.core.wsgi.get_wsgi_application",
    "django.core.asgi.get_asgi_application",
    "django.core.management.execute_from_command_line",
)
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_GENERIC = "django.views.generic"
#: handlers that the generic views bring along
_VIEWS = {
    **dict.fromkeys(("TemplateView", "ListView", "DetailView", "ArchiveIndexView", "YearArchiveView"), ("get",)),
    **dict.fromkeys(("MonthArchiveView", "DayArchiveView", "TodayArchiveView", "DateDetailView"), ("get",)),
    **dict.fromkeys(("FormView", "CreateView", "UpdateView", "DeleteView"), ("get", "post")),
    "RedirectView": ("get", "post", "put", "patch", "delete"),
}
_KEPT = (
    *("django.contrib.auth.decorators.login_required", "django.contrib.admin.views.decorators.staff_member_required"),
    *("django.views.decorators.csrf.csrf_exempt", "django.views.decorators.csrf.csrf_protect"),
    *("django.views.decorators.csrf.ensure_csrf_cookie", "django.views.decorators.cache.never_cache"),
    *("django.views.decorators.gzip.gzip_page", "django.views.decorators.clickjacking.xframe_options_exempt"),
    *("django.db.transaction.non_atomic_requests", "django.db.transaction.atomic"),
)
_WRAPPERS = (
    *("django.views.decorators.cache.cache_page", "django.contrib.auth.decorators.permission_required"),
    *("django.contrib.auth.decorators.user_passes_test", "django.views.decorators.vary.vary_on_headers"),
)
_ONLY = {
    "django.views.decorators.http.require_GET": ("GET",),
    "django.views.decorators.http.require_POST": ("POST",),
    "django.views.decorators.http.require_safe": ("GET", "HEAD"),
}
_METHODS = "django.views.decorators.http.require_http_methods"

for _spelling in ("django.conf.urls.url", "django.urls.conf.re_path", "django.urls.url"):
    ADAPTER.alias(_spelling, "django.urls.re_path")
ADAPTER.alias("django.conf.urls.include", _INCLUDE)
ADAPTER.alias("django.urls.conf", "django.urls")
ADAPTER.alias("django.views.generic.base.View", _VIEW)
ADAPTER.alias("django.views.generic.View", _VIEW)
ADAPTER.alias("django.views.generic.base", _GENERIC)
ADAPTER.alias("django.views.generic.list", _GENERIC)
ADAPTER.alias("django.views.generic.detail", _GENERIC)
ADAPTER.alias("django.views.generic.edit", _GENERIC)
ADAPTER.models(
    ClassModel(SETTINGS, is_shelf=True, filled_from=("DJANGO_SETTINGS_MODULE", "ROOT_URLCONF")),
    *(
        ClassModel(
            name,
            from_shelf=(
                ("root", SETTINGS, "ROOT_URLCONF"),
                ("databases", SETTINGS, "DATABASES"),
                ("caches", SETTINGS, "CACHES"),
            ),
        )
        for name in _STARTS
    ),
    *(ClassModel(name) for name in (*_PATHS, _INCLUDE)),
    *(
        CallModel(
            name,
            callbacks=(Callback(1, "view", mode=Mode.LATER, context="request"),),
        )
        for name in _PATHS
    ),
    ClassModel(_VIEW, handlers=_VERBS),
    CallModel(f"{_VIEW}.as_view", returns="django.views.view"),
    *(ClassModel(f"{_GENERIC}.{name}", bases=(_VIEW,)) for name in _VIEWS),
    *(CallModel(f"{_GENERIC}.{name}.{verb}") for name, verbs in _VIEWS.items() for verb in verbs),
    *(ClassModel(f"{_GENERIC}.{name}") for name in ("ContextMixin", "TemplateResponseMixin", "FormMixin")),
    *(
        ClassModel(f"django.contrib.auth.mixins.{name}Mixin")
        for name in ("LoginRequired", "PermissionRequired", "UserPassesTest")
    ),
    *(ClassModel(f"django.http.{name}") for name in ("HttpRequest", "HttpResponse", "JsonResponse", "Http404")),
    *(CallModel(name, returns_argument=0, transparent_decorator=True) for name in _KEPT),
    *(
        CallModel(name, returns_argument=0, transparent_decorator=True, decorated_context="request")
        for name in (*_ONLY, _METHODS)
    ),
    *(CallModel(name, transparent_decorator=True) for name in _WRAPPERS),
    CallModel("django.dispatch.receiver", transparent_decorator=True),
    CallModel("django.utils.decorators.method_decorator", transparent_decorator=True),
)


@ADAPTER.calls(*_STARTS)
def _start(call: ResolvedCall) -> Iterable[Fact]:
    """`application = get_wsgi_application()`, `execute_from_command_line(sys.argv)`"""
    place, app = basis(call, "django"), made(call)
    yield application(place, app, slash="append")
    yield mount(place, app, call.value("root"), NO_PREFIX)
    for address, site in databases(call.value("databases")):
        yield _connected(call, "mongodb" if _scheme(address).startswith("mongodb") else "sql", address, site)
    cache = cache_address(call.value("caches"))
    if cache != UNKNOWN:
        yield _connected(call, "memcached" if _scheme(cache) == "memcached" else "redis", cache, None)


def _connected(call: ResolvedCall, protocol: str, address: Value, site: Site | None) -> ClientCreated:
    """A pool that the settings describe, where they do."""
    return ClientCreated(
        site=site or call.site,
        head=site or call.head,
        function=call.function,
        library="django",
        protocol=protocol,
        client=made(call),
        target=address,
        is_costly=False,
    )


def _scheme(address: Value) -> str:
    first = address.parts[0] if isinstance(address, Template) else address
    return str(first.value).partition(":")[0] if isinstance(first, Const) else ""


@ADAPTER.decorates(*_ONLY)
def _only(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@require_POST`"""
    yield accepts(use, "django", _ONLY[use.call.name])


@ADAPTER.decorates(_METHODS)
def _listed(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@require_http_methods(["GET", "POST"])`"""
    yield accepts(use, "django", methods_of(use.call.value("request_method_list", 0), ("*",)))


@ADAPTER.calls(*_PATHS)
def _path(call: ResolvedCall) -> Iterable[Fact]:
    """`path("orders/", views.orders)`, `path("api/", include("api.urls"))`; part of its module's list by default"""
    place, own = basis(call, "django"), made(call)
    written = call.argument("route", 0) or call.argument("regex", 0)
    is_regex = call.name.endswith("re_path")
    pattern = call.value("regex" if written is not None and written.name == "regex" else "route", 0)
    text = joined("/", rewritten(pattern, regex_path) if is_regex else angles(pattern))
    view = call.value("view", 1)
    if "." not in call.function.part and not call.function.inner:
        yield mount(place, ModuleRef(call.site.path), own, NO_PREFIX, is_default=True)
    if class_name(view) == _INCLUDE:
        yield from _included(place, own, argument_of(view, "arg", 0), text)
    elif isinstance(view, Extern) and view.name.endswith(".urls"):
        yield mount(place, own, view, text)  # `admin.site.urls`
    else:
        handler, kind, methods = _view(view)
        yield route(
            place,
            own,
            text,
            methods=methods,
            handler=handler,
            runs="worker",
            kind=kind,
            path_site=written.site if written else None,
            limit="http_method_names" if kind == "class" else "",
            members=_mapped(view),
            slash=_slash(pattern) if is_regex else "",
        )


def _included(place: Basis, parent: Value, what: Value, prefix: Value) -> Iterator[Fact]:
    """A module, by its name or itself, a router's list, a list of paths, or one of these with a namespace."""
    if isinstance(what, SequenceValue):
        items = what.items
        if len(items) == 2 and isinstance(items[1], Const):
            yield from _included(place, parent, items[0], prefix)
            return
        for item in items:
            yield mount(place, parent, item, prefix)
        return
    # `router.urls`
    owner = owner_of(what) if class_name(what).endswith(".urls") else None
    yield mount(place, parent, what if owner is None else owner, prefix)


def _slash(value: Value) -> str:
    return "redirect" if isinstance(value, Const) and slash_may_miss(str(value.value)) else ""


def _view(value: Value) -> tuple[FunctionId | None, str, tuple[str, ...]]:
    """Handler, kind and methods of a view: a function, or the class behind `as_view`."""
    cls = owner_of(value) if class_name(value).endswith(".view") else None
    if class_name(value) == "channels.view":
        return (FunctionId(cls.path, cls.name) if isinstance(cls, ClassRef) else None), "ws", ("GET",)
    if isinstance(cls, ClassRef):
        return FunctionId(cls.path, cls.name), "class", ("*",)
    name = value.name if isinstance(value, Result) else ""
    if name.endswith(".as_view"):
        verbs = _VIEWS.get(name.removeprefix(f"{_GENERIC}.").removesuffix(".as_view"), ("*",))
        return None, "http", tuple(verb.upper() for verb in verbs)
    handler, kind = handler_of(value)
    return handler, kind, ("*",)


def _mapped(view: Value) -> tuple[tuple[str, str], ...]:
    """`OrderViewSet.as_view({"get": "list", "post": "create"})`: which member serves which method."""
    actions = argument_of(view, "actions", 0, NONE) if isinstance(view, Instance) else NONE
    entries = getattr(actions, "entries", ())
    return tuple(
        (name.value, verb.value.upper())
        for verb, name, _ in entries
        if isinstance(verb, Const) and isinstance(name, Const)
        if isinstance(verb.value, str) and isinstance(name.value, str)
    )
