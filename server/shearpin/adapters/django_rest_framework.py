"""Django REST framework: views, sets of views registered on routers, actions.

A router serves `prefix/` (list, create) and `prefix/{pk}/` (retrieve, update, partial_update, destroy) as far as the
set has these methods, and one path for each `@action`. All end in a slash unless `trailing_slash=False`.

## Routers, sets of views, actions
```python
from django.urls import include, path
from rest_framework import generics, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.routers import DefaultRouter
from rest_framework.views import APIView

class Orders(viewsets.ModelViewSet):
    @action(detail=True, methods=["post"], url_path="pay-now")
    def pay(self, request, pk=None): ...

    @action(detail=False)
    def open(self, request): ...

class Stock(APIView):
    def get(self, request): ...

class Items(generics.ListCreateAPIView): ...

@api_view(["GET", "DELETE"])
def item(request, sku): ...

class Users(viewsets.ViewSet):
    def list(self, request): ...

router = DefaultRouter()
router.register(r"orders", Orders, basename="order")
urlpatterns = [
    path("api/", include(router.urls)),
    path("stock/", Stock.as_view()),
    path("items/", Items.as_view()),
    path("items/<slug:sku>", item),
    path("users", Users.as_view({"get": "list"})),
]
```
```facts
8: Route POST /{pk}/pay-now/ handler=Orders.pay worker on Orders
11: Route GET /open/ handler=Orders.open worker on Orders
19: Accepts GET,DELETE handler=item
25: Application router DefaultRouter@25 extras=[GET /] slash=append
25: Mount DefaultRouter@25 on app.py default
26: Mount Orders on DefaultRouter@25 prefix=/orders
26: Route * /orders/ handler=Orders worker class on DefaultRouter@25 members=list,create
26: Route * /orders/{pk}/ handler=Orders worker class on DefaultRouter@25 members=retrieve,update,partial_update,destroy
28: Mount path@28 on app.py default
28: Mount DefaultRouter@25 on path@28 prefix=/api/
29: Mount path@29 on app.py default
29: Route * /stock/ handler=Stock worker class on path@29
30: Mount path@30 on app.py default
30: Route * /items/ handler=Items worker class on path@30
31: Mount path@31 on app.py default
31: Route * /items/{sku} handler=item worker on path@31
32: Mount path@32 on app.py default
32: Route * /users handler=Users worker class on path@32 members=list
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import basis, client_value, decorated, made, text
from shearpin.adapterkit.regexpath import regex_path
from shearpin.adapterkit.routes import (
    accepts,
    application,
    handler_of,
    methods_of,
    mount,
    rewritten,
    route,
    runs_in,
)
from shearpin.adapterkit.store import joined, owner_of
from shearpin.facts.call import ResolvedCall, ResolvedDecorator
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, ClassRef, Const, ModuleRef, Value

ADAPTER = Adapter(
    "djangorestframework",
    version="3.18.3",
    distributions=("djangorestframework", "drf-nested-routers", "djangorestframework-simplejwt"),
)

_VIEWS = "rest_framework.views"
_GENERICS = "rest_framework.generics"
_SETS = "rest_framework.viewsets"
_MIXINS = "rest_framework.mixins"
_API_VIEW = f"{_VIEWS}.APIView"
_ROUTERS = ("rest_framework.routers.SimpleRouter", "rest_framework.routers.DefaultRouter")
_NESTED = ("rest_framework_nested.routers.NestedSimpleRouter", "rest_framework_nested.routers.NestedDefaultRouter")
_ALL_ROUTERS = (*_ROUTERS, *_NESTED)
_COLLECTION = (("list", "GET"), ("create", "POST"))
_DETAIL = (("retrieve", "GET"), ("update", "PUT"), ("partial_update", "PATCH"), ("destroy", "DELETE"))
_LIMIT = "http_method_names"
#: handlers that the generic views bring along
_GENERIC_VIEWS = {
    "CreateAPIView": ("post",),
    "ListAPIView": ("get",),
    "RetrieveAPIView": ("get",),
    "DestroyAPIView": ("delete",),
    "UpdateAPIView": ("put", "patch"),
    "ListCreateAPIView": ("get", "post"),
    "RetrieveUpdateAPIView": ("get", "put", "patch"),
    "RetrieveDestroyAPIView": ("get", "delete"),
    "RetrieveUpdateDestroyAPIView": ("get", "put", "patch", "delete"),
}
_MIXIN_METHODS = {
    "CreateModelMixin": ("create",),
    "ListModelMixin": ("list",),
    "RetrieveModelMixin": ("retrieve",),
    "UpdateModelMixin": ("update", "partial_update"),
    "DestroyModelMixin": ("destroy",),
}
_VIEW_SETS = {
    "ReadOnlyModelViewSet": ("RetrieveModelMixin", "ListModelMixin"),
    "ModelViewSet": tuple(_MIXIN_METHODS),
}
#: views of other packages that serve one method
_TOKEN_VIEWS = ("TokenObtainPairView", "TokenRefreshView", "TokenVerifyView", "TokenBlacklistView")

ADAPTER.models(
    ClassModel(_API_VIEW, bases=("django.views.View",)),
    ClassModel(f"{_GENERICS}.GenericAPIView", bases=(_API_VIEW,)),
    *(ClassModel(f"{_GENERICS}.{name}", bases=(f"{_GENERICS}.GenericAPIView",)) for name in _GENERIC_VIEWS),
    *(CallModel(f"{_GENERICS}.{name}.{verb}") for name, verbs in _GENERIC_VIEWS.items() for verb in verbs),
    *(ClassModel(f"{_MIXINS}.{name}", handlers=methods) for name, methods in _MIXIN_METHODS.items()),
    *(CallModel(f"{_MIXINS}.{name}.{method}") for name, methods in _MIXIN_METHODS.items() for method in methods),
    ClassModel(f"{_SETS}.ViewSetMixin", handlers=tuple(name for name, _ in (*_COLLECTION, *_DETAIL))),
    ClassModel(f"{_SETS}.ViewSet", bases=(f"{_SETS}.ViewSetMixin", _API_VIEW)),
    ClassModel(f"{_SETS}.GenericViewSet", bases=(f"{_SETS}.ViewSetMixin", f"{_GENERICS}.GenericAPIView")),
    *(
        ClassModel(f"{_SETS}.{name}", bases=(*(f"{_MIXINS}.{mixin}" for mixin in mixins), f"{_SETS}.GenericViewSet"))
        for name, mixins in _VIEW_SETS.items()
    ),
    *(
        ClassModel(f"rest_framework_simplejwt.views.{name}", bases=(f"{_GENERICS}.CreateAPIView",))
        for name in _TOKEN_VIEWS
    ),
    *(
        ClassModel(
            name,
            attributes=(("urls", "rest_framework.routers.urls"), ("registry", "rest_framework.routers.registry")),
        )
        for name in _ALL_ROUTERS
    ),
    CallModel("rest_framework.decorators.api_view", transparent_decorator=True, decorated_context="request"),
    CallModel("rest_framework.decorators.action", transparent_decorator=True, decorated_context="request"),
    *(
        CallModel(f"rest_framework.decorators.{name}_classes", transparent_decorator=True)
        for name in ("permission", "authentication", "throttle", "renderer", "parser")
    ),
)
for _name in ("detail_route", "list_route"):
    ADAPTER.models(
        CallModel(f"rest_framework.decorators.{_name}", transparent_decorator=True, decorated_context="request")
    )


@ADAPTER.calls(*_ROUTERS)
def _router(call: ResolvedCall) -> Iterable[Fact]:
    """`router = DefaultRouter()`"""
    place, router = basis(call, "django"), made(call)
    extras = ("GET /",) if call.name.endswith("DefaultRouter") else ()
    yield application(place, router, is_router=True, extras=extras, slash="append")
    yield mount(place, ModuleRef(call.site.path), router, Const(""), is_default=True)


@ADAPTER.calls(*_NESTED)
def _nested(call: ResolvedCall) -> Iterable[Fact]:
    """`NestedSimpleRouter(router, "orders", lookup="order")`: below `orders/{order_pk}/`, beside the parent's paths"""
    place, router = basis(call, "django"), made(call)
    lookup = text(call.value("lookup", -1, Const("nested"))) or "nested"
    prefix = joined("/", rewritten(call.value("parent_prefix", 1), regex_path), f"/{{{lookup}_pk}}")
    yield application(place, router, is_router=True, prefix=prefix, slash="append")
    yield mount(place, ModuleRef(call.site.path), router, Const(""), is_default=True)


@ADAPTER.methods(_ROUTERS[0], "register")
@ADAPTER.methods(_ROUTERS[1], "register")
@ADAPTER.methods(_NESTED[0], "register")
@ADAPTER.methods(_NESTED[1], "register")
def _register(call: ResolvedCall) -> Iterable[Fact]:
    """`router.register(r"orders", Orders)`"""
    place, router = basis(call, "django"), call.receiver
    written = call.argument("prefix", 0)
    prefix = joined("/", rewritten(call.value("prefix", 0), regex_path))
    view = call.value("viewset", 1)
    handler, kind = handler_of(view)
    slash = "" if client_value(router, "trailing_slash", -1, Const(value=True)) == Const(value=False) else "/"
    if isinstance(view, ClassRef):
        yield mount(place, router, view, prefix)
    for path, members in ((joined(prefix, slash), _COLLECTION), (joined(prefix, "/{pk}", slash), _DETAIL)):
        yield route(
            place,
            router,
            path,
            methods=("*",),
            handler=handler,
            runs="worker",
            kind=kind,
            path_site=written.site if written else None,
            members=members if kind == "class" else (),
            limit=_LIMIT if kind == "class" else "",
            slash="" if slash else "exact",
        )


@ADAPTER.methods("rest_framework.routers.registry", "extend")
def _extend(call: ResolvedCall) -> Iterable[Fact]:
    """`router.registry.extend(other.registry)`"""
    child = owner_of(call.value("", 0))
    if call.receiver is not None and child is not None:
        yield mount(basis(call, "django"), owner_of(call.receiver), child, Const(""))


@ADAPTER.decorates("rest_framework.decorators.api_view")
def _function(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@api_view(["GET", "POST"])`"""
    yield accepts(use, "django", methods_of(use.call.value("http_method_names", 0, NONE), ("GET",)))


@ADAPTER.decorates(*(f"rest_framework.decorators.{name}" for name in ("action", "detail_route", "list_route")))
def _action(use: ResolvedDecorator) -> Iterable[Fact]:
    """`@action(detail=True, methods=["post"])`"""
    if use.target is None or not use.target.owner:
        return
    call = use.call
    detail: Value = call.value("detail", 1)
    if call.name.endswith("_route"):
        detail = Const(value=call.name.endswith("detail_route"))
    path = call.value("url_path", 2, Const(use.target.name))
    path = Const(use.target.name) if path == NONE else rewritten(path, regex_path)
    yield route(
        decorated(use, "django"),
        ClassRef(use.function.path, use.target.owner),
        joined("/{pk}/" if detail == Const(value=True) else "/", path, "/"),
        methods=methods_of(call.value("methods", 0, NONE), ("GET",)),
        handler=use.function,
        runs=runs_in(use.target, "worker"),
    )
