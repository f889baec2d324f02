"""Endpoints and edges of services in frameworks whose routes stand apart from their handlers."""

from __future__ import annotations

from shearpin.facts.site import FunctionId
from shearpin.flow.contexts import contexts
from shearpin.flow.loop_blocking import loop_blocks
from shearpin.graph.calls import match_in
from shearpin.graph.routing import endpoints as served

from .drawing import edges, endpoints, system

MANAGE = """
import os
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
execute_from_command_line()
"""
DJANGO = {
    "a/Dockerfile": 'FROM python\nWORKDIR /srv\nCOPY . /srv\nCMD ["python", "manage.py", "runserver"]\n',
    "a/manage.py": MANAGE,
    "a/shop/__init__.py": "",
    "a/shop/settings.py": "ROOT_URLCONF = 'shop.urls'\nSTOCK = 'http://b'\n",
    "a/shop/views.py": "def first(request): ...\ndef second(request): ...\n",
}


def django(urls: str, names: str = "a", **files: str) -> list[str]:
    """Endpoints of a project with these URLs; keyword `orders__urls` is the file `orders/urls.py`."""
    more = {f"a/{name.replace('__', '/')}.py": text for name, text in files.items()}
    return endpoints(system({**DJANGO, "a/shop/urls.py": urls, **more}, names=names))


URLS = "from django.urls import include, path, re_path\nfrom shop import views\n"


def test_a_module_is_included_by_its_name():
    assert django(
        f"{URLS}urlpatterns = [path('api/', include('orders.urls'))]",
        orders__urls=f"{URLS}urlpatterns = [path('', views.first), path('<int:id>/', views.second)]",
        orders__old=f"{URLS}urlpatterns = [path('old/', views.first)]",
    ) == ["(ANY /old/)", "ANY /api/", "ANY /api/{id}/"]


def test_a_module_is_included_itself_and_with_a_namespace():
    assert django(
        f"{URLS}import orders.urls\nurlpatterns = [path('a/', include(orders.urls)),"
        " path('b/', include(('orders.urls', 'b'), namespace='b'))]",
        orders__urls=f"{URLS}urlpatterns = [path('x', views.first)]",
        orders____init__="",
    ) == ["ANY /a/x", "ANY /b/x"]


def test_lists_in_lists():
    assert django(
        f"{URLS}inner = [path('x/', views.first)]\n"
        "urlpatterns = [path('a/', include([path('b/', include(inner)), re_path(r'^c/(\\d+)$', views.second)]))]"
    ) == ["ANY /a/b/x/", "ANY /a/c/{arg0}"]


def test_what_a_view_accepts():
    views = (
        "from django.views import View\nfrom django.views.decorators.http import require_POST\n"
        "from django.views.generic import ListView\n"
        "class Base(View):\n    def get(self, request): ...\n"
        "class Both(Base):\n    def put(self, request): ...\n"
        "class Limited(Both):\n    http_method_names = ['put']\n"
        "class Items(ListView): ...\n"
        "@require_POST\ndef pay(request): ...\n"
    )
    urls = "".join(f"path('{name}', views.{name}.as_view()), " for name in ("Both", "Limited", "Items"))
    assert django(
        f"from django.urls import path\nfrom . import views\nurlpatterns = [{urls} path('pay', views.pay)]",
        shop__views=views,
    ) == ["GET /Items", "GET|PUT /Both", "POST /pay", "PUT /Limited"]


def test_a_class_whose_bases_are_not_known_serves_anything():
    views = "from elsewhere import Base\nclass Order(Base):\n    def get(self, request): ...\n"
    assert django(
        "from django.urls import path\nfrom . import views\nurlpatterns = [path('x', views.Order.as_view())]",
        shop__views=views,
    ) == ["ANY /x"]


def test_sets_of_views():
    views = (
        "from rest_framework import mixins, viewsets\nfrom rest_framework.decorators import action\n"
        "class Base(viewsets.ReadOnlyModelViewSet):\n"
        "    @action(detail=True, methods=['post'])\n    def pay(self, request, pk): ...\n"
        "class Orders(Base):\n    def destroy(self, request, pk): ...\n"
        "class Unused(viewsets.ViewSet):\n    @action(detail=False)\n    def none(self, request): ...\n"
    )
    assert django(
        "from rest_framework.routers import SimpleRouter\nfrom . import views\nrouter = SimpleRouter()\n"
        "router.register('orders', views.Orders)\nurlpatterns = router.urls",
        shop__views=views,
    ) == ["GET /orders/", "GET|DELETE /orders/{pk}/", "POST /orders/{pk}/pay/"]


def test_routers_of_a_class_derived_from_the_library_s():
    assert django(
        "from rest_framework import viewsets\nfrom rest_framework.routers import DefaultRouter\n"
        "class Router(DefaultRouter):\n    def __init__(self, *args):\n        super().__init__(*args)\n"
        "class Orders(viewsets.ViewSet):\n    def list(self, request): ...\n"
        "router = Router()\nrouter.register('orders', Orders)\nurlpatterns = []\nurlpatterns += router.urls"
    ) == ["GET /orders/"]


def test_applications_and_routers_of_derived_classes():
    main = (
        "from fastapi import APIRouter, FastAPI\nclass App(FastAPI): ...\nclass Router(APIRouter): ...\n"
        "app = App()\nrouter = Router(prefix='/p')\n@router.get('/x')\ndef x(): ...\n"
        "app.include_router(router, prefix='/v1')\n"
    )
    assert endpoints(system({"a/main.py": main}, names="a")) == ["GET /v1/p/x"]


def test_settings_are_found_and_followed():
    views = (
        "import requests\nfrom django.conf import settings\n"
        "def first(request):\n    requests.get(settings.STOCK + '/x')\n"
    )
    files = {**DJANGO, "a/shop/views.py": views, "a/shop/urls.py": f"{URLS}urlpatterns = [path('', views.first)]"}
    session = system(files)

    assert edges(session) == ["a -> b GET /x"]
    assert "request" in contexts(session.db, FunctionId("a/shop/views.py", "first"))


def test_databases_of_the_settings():
    settings = (
        "import os\nROOT_URLCONF = 'shop.urls'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql',"
        " 'HOST': os.environ['DB_HOST'], 'NAME': 'shop'}}\n"
    )
    files = {**DJANGO, "a/shop/settings.py": settings}
    (edge,) = system(files, environment="DB_HOST: b").graph().edges

    assert (edge.target, edge.protocol, edge.site.path) == ("b", "sql", "a/shop/settings.py")


def test_workers_beside_a_web_process_serve_nothing():
    celery = (
        "import os\nfrom celery import Celery\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
        "app = Celery('shop')\napp.config_from_object('django.conf:settings', namespace='CELERY')\n"
        "app.autodiscover_tasks()\n"
    )
    compose = (
        "services:\n  web: {build: a}\n"
        "  worker: {build: a, command: celery -A shop worker}\n  tool: {build: a, command: python manage.py consume}\n"
    )
    files = {
        **DJANGO,
        "a/shop/celery.py": celery,
        "a/shop/urls.py": f"{URLS}urlpatterns = [path('x', views.first)]",
        "compose.yaml": compose,
    }
    session = system(files, names="a")

    assert [endpoints(session, name) for name in ("web", "worker", "tool")] == [["ANY /x"], [], []]


def test_a_list_of_a_library_opens_its_prefix_alone():
    listed = "[path('admin/', admin.site.urls), path('x', views.first)]"
    urls = f"from django.contrib import admin\n{URLS}urlpatterns = {listed}"
    session = system({**DJANGO, "a/shop/urls.py": urls}, names="a")

    assert served(session.db, "a").open_prefixes == ("/admin",)
    assert match_in(session.db, "a", "GET", "/admin/login").answer == "unknown"
    assert match_in(session.db, "a", "GET", "/y").answer == "no"


def test_a_missing_last_slash_is_redirected():
    session = system({**DJANGO, "a/shop/urls.py": f"{URLS}urlpatterns = [path('x/', views.first)]"}, names="a")

    assert match_in(session.db, "a", "GET", "/x").answer == "yes"
    assert match_in(session.db, "a", "GET", "/x/").answer == "yes"


def test_handlers_of_aiohttp_in_another_file():
    main = (
        "from aiohttp import ClientSession, web\nfrom handlers import stock\n"
        "async def start(app):\n    app['client'] = ClientSession('http://b')\n    yield\n"
        "def routes(app):\n    app.router.add_get('/stock', stock)\n"
        "def make():\n    app = web.Application()\n    app.cleanup_ctx.append(start)\n    routes(app)\n    return app\n"
        "app = make()\n"
    )
    handlers = "async def stock(request):\n    await request.app['client'].get('/items')\n"
    session = system({"a/main.py": main, "a/handlers.py": handlers})

    assert endpoints(session) == ["GET /stock"]
    assert edges(session) == ["a -> b GET /items"]


def test_a_function_of_the_same_name_is_no_handler():
    main = "from aiohttp import web\nimport views\napp = web.Application()\napp.router.add_get('/x', views.load)\n"
    other = "def load(order):\n    order.app['client'].get('/items')\n"
    files = {
        "a/main.py": f"{main}app['client'] = 1\n",
        "a/views.py": "async def load(request): ...\n",
        "a/other.py": other,
    }

    assert edges(system(files)) == []


def test_plain_methods_of_tornado_block_the_loop():
    main = (
        "import time\nimport tornado.web\nclass Slow(tornado.web.RequestHandler):\n"
        "    def get(self):\n        time.sleep(1)\n    def helper(self):\n        time.sleep(1)\n"
        "app = tornado.web.Application([(r'/slow', Slow)])\n"
    )
    session = system({"a/main.py": main}, names="a")

    assert endpoints(session) == ["GET /slow"]
    assert len(loop_blocks(session.db, "a/main.py", "Slow.get")) == 1
    assert loop_blocks(session.db, "a/main.py", "Slow.helper") == ()


def test_a_controller_of_litestar_in_two_routers():
    main = (
        "from litestar import Controller, Litestar, Router, get\nclass Orders(Controller):\n    path = '/orders'\n"
        "    @get('/{id:int}')\n    async def one(self): ...\n    @get()\n    async def every(self): ...\n"
        "@get('/unused')\nasync def unused() -> None: ...\n"
        "app = Litestar([Orders, Router(path='/v1', route_handlers=[Orders])])\n"
    )
    assert endpoints(system({"a/main.py": main}, names="a")) == [
        "(GET /unused)",
        "GET /orders",
        "GET /orders/{id}",
        "GET /v1/orders",
        "GET /v1/orders/{id}",
    ]


def test_resources_of_falcon():
    main = (
        "import falcon\nclass Base:\n    def on_get(self, q, r): ...\n"
        "class Orders(Base):\n    def on_post(self, q, r): ...\n"
        "    def on_delete_one(self, q, r, id): ...\napp = falcon.App()\napp.add_route('/orders', Orders())\n"
        "app.add_route('/orders/{id:uuid}', Orders(), suffix='one')\n"
    )
    assert endpoints(system({"a/main.py": main}, names="a")) == ["DELETE /orders/{id}", "GET|POST /orders"]


def test_a_router_that_only_running_finds():
    main = (
        "from importlib import import_module\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        "for name in ['orders']:\n    app.include_router(getattr(import_module(name), 'router'), prefix='/v1')\n"
    )
    orders = "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/x')\ndef x(): ...\n"
    assert endpoints(system({"a/main.py": main, "a/orders.py": orders}, names="a")) == ["GET /v1/x"]


SPEC = """
openapi: 3.0.1
servers: [{url: 'http://a/api'}]
paths:
  /orders/{id}:
    get: {operationId: handlers.load}
"""


def test_connexion_serves_its_description():
    main = "import connexion\napp = connexion.FlaskApp(__name__)\napp.add_api('api.yaml', base_path='/v1')\n"
    session = system({"a/main.py": main, "a/handlers.py": "def load(id): ...\n", "a/spec/api.yaml": SPEC}, names="a")

    assert endpoints(session) == ["GET /v1/orders/{id}"]
    assert [item.handler for item in served(session.db, "a").served if item.endpoint.kind == "http"] == [
        FunctionId("a/handlers.py", "load")
    ]
    assert match_in(session.db, "a", "GET", "/v1/other").answer == "no"


def test_a_description_stands_in_for_code_that_is_not_read():
    session = system({"a/Dockerfile": "FROM node", "a/main.py": "", "a/api.yaml": SPEC}, names="a")

    assert endpoints(session) == ["GET /api/orders/{id}"]
    assert match_in(session.db, "a", "GET", "/api/orders/1").answer == "yes"
    assert match_in(session.db, "a", "GET", "/api/other").answer == "unknown"
