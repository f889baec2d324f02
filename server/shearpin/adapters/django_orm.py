"""Django's database layer: models, managers, transactions; where its databases are.

A query set does nothing until it is evaluated, so only what evaluates it (`get`, `first`, `count`, ...) or writes is a
call. Outside `transaction.atomic` every statement commits by itself. A coroutine must use the forms with an `a`:
the others raise `SynchronousOnlyOperation` there. Addresses come from the setting `DATABASES`, caches from `CACHES`.

## Models and transactions
```python
from django.db import connection, models, transaction
from django.shortcuts import get_object_or_404

class Order(models.Model):
    total = models.DecimalField(max_digits=9, decimal_places=2)

DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "db", "NAME": "shop"}}
ROOT_URLCONF = "shop.urls"

def pay(order_id):
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order_id)
        order.total = 0
        order.save(update_fields=["total"])
    Order.objects.filter(total=0).update(total=models.F("total") + 1)
    Order.objects.create(total=1)
    return get_object_or_404(Order, pk=order_id)

async def load(order_id):
    await Order.objects.aget(pk=order_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM stock")
```
```facts
11: StoreCall sql begin target=postgresql://db/shop blocking
12: StoreCall sql read object=Order target=postgresql://db/shop blocking
14: StoreCall sql write object=Order target=postgresql://db/shop blocking
15: StoreCall sql write object=Order target=postgresql://db/shop blocking
16: StoreCall sql write object=Order target=postgresql://db/shop blocking
17: StoreCall sql read object=Order target=postgresql://db/shop blocking
20: StoreCall sql read object=Order target=postgresql://db/shop awaited
22: StoreCall sql read object=stock target=postgresql://db/shop blocking
```

## In threads
```python
import time
from asgiref.sync import sync_to_async

@sync_to_async
def work():
    time.sleep(1)

async def run():
    await work()
```
```facts
6: Sleep 1 blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import text
from shearpin.adapterkit.djangosettings import SETTINGS, cache_address, database_address
from shearpin.adapterkit.sql import read_sql
from shearpin.adapterkit.store import Store, owner_of, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, StoreCall
from shearpin.facts.model import Callback, CallModel, ClassModel, Mode
from shearpin.facts.value import NONE, UNKNOWN, ClassRef, Extern, Unknown, Value
from shearpin.meaning.values import class_of

ADAPTER = Adapter("django-orm", version="5.2.19", distributions=("Django", "asgiref", "channels"))

_MODEL = "django.db.models.Model"
_MANAGER = "django.db.models.Manager"
_CURSOR = "django.db.backends.utils.CursorWrapper"
_CACHE = "django.core.cache.cache"
_ATOMIC = "django.db.transaction.atomic"
_SHORTCUTS = ("django.shortcuts.get_object_or_404", "django.shortcuts.get_list_or_404")
_ASYNC_SHORTCUTS = ("django.shortcuts.aget_object_or_404", "django.shortcuts.aget_list_or_404")
_THREADED = ("asgiref.sync.sync_to_async", "channels.db.database_sync_to_async")
_IN_THREAD = "asgiref.sync.SyncToAsync"
#: the same place under several names: what each takes from the settings
_PLACES = (("databases", SETTINGS, "DATABASES"),)
_CHAINED = words(
    "all filter exclude order_by distinct select_related prefetch_related only defer annotate alias values values_list",
    "using reverse select_for_update none union intersection difference extra complex_filter get_queryset db_manager",
)
_GETS = words("get first last latest earliest create")
_READS = words("get first last latest earliest exists count aggregate iterator in_bulk contains explain")
_WRITES = words("create update delete bulk_create bulk_update get_or_create update_or_create")
_FIELDS = words(
    "AutoField BigAutoField SmallAutoField BigIntegerField BinaryField BooleanField CharField DateField DateTimeField",
    "DecimalField DurationField EmailField FileField FilePathField FloatField GenericIPAddressField ImageField",
    "IntegerField JSONField PositiveBigIntegerField PositiveIntegerField PositiveSmallIntegerField SlugField",
    "SmallIntegerField TextField TimeField URLField UUIDField ForeignKey OneToOneField ManyToManyField",
)
_DIRECT = {
    **dict.fromkeys(("save", "delete"), "write"),
    "refresh_from_db": "read",
}
_CACHE_KINDS = {
    **dict.fromkeys(("get", "get_many", "has_key", "ttl"), "read"),
    **dict.fromkeys(("set", "add", "set_many", "delete", "delete_many", "incr", "decr", "touch", "clear"), "write"),
    "get_or_set": "write",
}

for _module in ("query", "manager", "base", "fields", "expressions"):
    ADAPTER.alias(f"django.db.models.{_module}", "django.db.models")
ADAPTER.alias("django.db.models.QuerySet", _MANAGER)
ADAPTER.alias("django.db.models.BaseManager", _MANAGER)
ADAPTER.alias("django.db.transaction.Atomic", _ATOMIC)
ADAPTER.alias("django.contrib.auth.models.UserManager", _MANAGER)
ADAPTER.alias("django.contrib.auth.base_user.BaseUserManager", _MANAGER)
ADAPTER.alias("django.contrib.auth.models.BaseUserManager", _MANAGER)
ADAPTER.alias("django.contrib.gis.db.models", "django.db.models")
ADAPTER.alias("djongo.models", "django.db.models")
ADAPTER.models(
    ClassModel(_MODEL, attributes=(("objects", _MANAGER), ("_default_manager", _MANAGER)), from_shelf=_PLACES),
    *(
        ClassModel(f"django.contrib.auth.models.{name}", bases=(_MODEL,))
        for name in ("User", "AbstractUser", "AbstractBaseUser", "Group", "Permission", "PermissionsMixin")
    ),
    ClassModel("django.contrib.auth.base_user.AbstractBaseUser", bases=(_MODEL,)),
    ClassModel(_MANAGER, from_shelf=_PLACES),
    *(ClassModel(f"django.db.models.{name}", is_descriptor=True) for name in _FIELDS),
    *(CallModel(f"{_MANAGER}.{name}", returns_self=True) for name in _CHAINED),
    *(CallModel(f"{_MANAGER}.{name}", returns=_MODEL, returns_instance_of="owner") for name in _GETS),
    *(CallModel(f"{_MANAGER}.a{name}", returns=_MODEL, returns_instance_of="owner") for name in _GETS),
    *(CallModel(f"{_MODEL}.{name}") for name in (*_DIRECT, *(f"a{name}" for name in _DIRECT))),
    ClassModel(_ATOMIC, from_shelf=_PLACES),
    CallModel(
        "django.db.transaction.on_commit",
        callbacks=(Callback(0, "func"),),
    ),
    ClassModel("django.db.connection", from_shelf=_PLACES),
    CallModel("django.db.connection.cursor", returns=_CURSOR),
    ClassModel(_CURSOR, from_shelf=_PLACES),
    ClassModel(_CACHE, from_shelf=(("caches", SETTINGS, "CACHES"),)),
    *(ClassModel(name, from_shelf=_PLACES) for name in (*_SHORTCUTS, *_ASYNC_SHORTCUTS)),
    *(CallModel(name, returns=_IN_THREAD, decorated_class=_IN_THREAD) for name in _THREADED),
    ClassModel(_IN_THREAD),
    CallModel(
        f"{_IN_THREAD}.__call__",
        callbacks=(Callback(-1, "function", mode=Mode.THREAD, passes_from=0, of_receiver=True),),
    ),
)
_STORE = Store("django", "sql", lambda _handle: UNKNOWN)
_CACHES = Store("django", "redis", lambda _handle: UNKNOWN)


@ADAPTER.methods(_MANAGER, *_READS, *(f"a{name}" for name in _READS))
def _read(call: ResolvedCall) -> Iterable[Fact]:
    """`Order.objects.get(pk=1)`"""
    yield _query(call, "read", owner_of(call.receiver) if call.receiver is not None else None)


@ADAPTER.methods(_MANAGER, *_WRITES, *(f"a{name}" for name in _WRITES))
def _write(call: ResolvedCall) -> Iterable[Fact]:
    """`Order.objects.create(total=1)`"""
    yield _query(call, "write", owner_of(call.receiver) if call.receiver is not None else None)


@ADAPTER.methods(_MODEL, *_DIRECT, *(f"a{name}" for name in _DIRECT))
def _object(call: ResolvedCall) -> Iterable[Fact]:
    """`order.save()`"""
    name = call.name.rpartition(".")[2]
    kind = _DIRECT[name.removeprefix("a") if name not in _DIRECT else name]
    yield _query(call, kind, class_of(call.receiver) if call.receiver is not None else None)


@ADAPTER.calls(*_SHORTCUTS, *_ASYNC_SHORTCUTS)
def _shortcut(call: ResolvedCall) -> Iterable[Fact]:
    """`get_object_or_404(Order, pk=1)`"""
    what = call.value("klass", 0)
    yield _query(call, "read", what if isinstance(what, ClassRef) else owner_of(what))


@ADAPTER.calls(_ATOMIC)
def _atomic(call: ResolvedCall) -> Iterable[Fact]:
    """`with transaction.atomic():`"""
    yield _query(call, "begin", None)


@ADAPTER.methods(_CURSOR, "execute", "executemany")
def _execute(call: ResolvedCall) -> Iterable[Fact]:
    """`cursor.execute("SELECT ...")`"""
    kind, table = read_sql(call.value("sql", 0))
    yield msgspec.structs.replace(_query(call, kind, None), object=table)


@ADAPTER.calls(*(f"{_CACHE}.{name}" for name in _CACHE_KINDS), *(f"{_CACHE}.a{name}" for name in _CACHE_KINDS))
def _cached(call: ResolvedCall) -> Iterable[Fact]:
    """`cache.get("key")`; a cache in memory is none"""
    name = call.name.rpartition(".")[2]
    address = cache_address(call.value("caches"))
    if isinstance(address, Unknown):
        return
    kind = _CACHE_KINDS.get(name) or _CACHE_KINDS[name.removeprefix("a")]
    found = _CACHES.call(call, kind, is_blocking=name in _CACHE_KINDS, obj=call.value("key", 0))
    scheme = (text(address) or "").partition(":")[0]
    yield msgspec.structs.replace(found, target=address, store="memcached" if scheme == "memcached" else "redis")


def _query(call: ResolvedCall, kind: str, model: Value | None) -> StoreCall:
    name = call.name.rpartition(".")[2]
    is_async = name.startswith("a") and name not in {"all", "aggregate", "atomic", "alias", "annotate", "add"}
    found = _STORE.call(call, kind, is_blocking=not is_async)
    entity = model if isinstance(model, (ClassRef, Extern)) else UNKNOWN
    address = database_address(call.value("databases"))
    target = UNKNOWN if address == NONE else address
    return msgspec.structs.replace(found, object=entity, target=target)
