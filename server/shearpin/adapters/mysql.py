"""Drivers of MySQL and MariaDB: PyMySQL, mysqlclient and MySQL Connector block, aiomysql and asyncmy are awaited.

None commits by itself unless told so.

## Blocking
```python
import mysql.connector
import pymysql

db = pymysql.connect(host="mysql", user="u", password="p", database="shop")

def pay(order):
    with db.cursor() as cursor:
        cursor.execute("UPDATE orders SET paid = 1 WHERE id = %s", (order,))
    db.commit()
    mysql.connector.connect(host="mysql", port=3307).cursor(dictionary=True).execute("SELECT * FROM stock")
```
```facts
4: ClientCreated sql target=mysql://mysql:3306/shop costly
4: StoreCall sql connect target=mysql://mysql:3306/shop blocking
8: StoreCall sql write object=orders target=mysql://mysql:3306/shop blocking
9: StoreCall sql commit target=mysql://mysql:3306/shop blocking
10: ClientCreated sql target=mysql://mysql:3307 costly
10: StoreCall sql connect target=mysql://mysql:3307 blocking
10: StoreCall sql read object=stock target=mysql://mysql:3307 blocking
```

## Awaited
```python
import aiomysql

async def load():
    pool = await aiomysql.create_pool(host="mysql", db="shop")
    async with pool.acquire() as db:
        async with db.cursor() as cursor:
            await cursor.execute("SELECT * FROM stock")
```
```facts
4: ClientCreated sql target=mysql://mysql:3306/shop costly
5: StoreCall sql connect target=mysql://mysql:3306/shop
7: StoreCall sql read object=stock target=mysql://mysql:3306/shop awaited
```
"""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.dbapi import Driver, server_address
from shearpin.adapterkit.store import made, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter(
    "mysql",
    version="PyMySQL 1.2.4",
    distributions=("PyMySQL", "mysqlclient", "mysql-connector-python", "aiomysql", "asyncmy"),
)

_ADDRESS = server_address("mysql", 3306)
_CURSORS = words("DictCursor SSCursor SSDictCursor")
_BLOCKING = (
    Driver(
        "pymysql",
        ("pymysql.connect",),
        "pymysql.connections.Connection",
        "pymysql.cursors.Cursor",
        _ADDRESS,
        cursors=tuple(f"pymysql.cursors.{name}" for name in _CURSORS),
    ),
    Driver("mysqlclient", ("MySQLdb.connect",), "MySQLdb.connections.Connection", "MySQLdb.cursors.Cursor", _ADDRESS),
    Driver(
        "mysql-connector",
        ("mysql.connector.connect",),
        "mysql.connector.connection.MySQLConnection",
        "mysql.connector.cursor.MySQLCursor",
        _ADDRESS,
    ),
)

ADAPTER.alias("pymysql.Connect", "pymysql.connect")
ADAPTER.alias("pymysql.Connection", "pymysql.connections.Connection")
ADAPTER.alias("MySQLdb.Connect", "MySQLdb.connect")
for _driver in _BLOCKING:
    _driver.teach(ADAPTER)


def _awaited(package: str) -> None:
    pool = f"{package}.pool.Pool"
    names = (f"{package}.connection.Connection", f"{package}.cursors.Cursor")
    driver = Driver(package, (f"{package}.connect",), *names, _ADDRESS, is_blocking=False, pools=(pool,))
    driver.teach(ADAPTER)
    ADAPTER.alias(f"{package}.Pool", pool)
    ADAPTER.models(
        ClassModel(pool),
        CallModel(f"{package}.create_pool", returns=pool),
        CallModel(f"{pool}.acquire", returns=driver.connection),
    )

    def opened(call: ResolvedCall) -> Iterator[Fact]:
        yield driver.store.created(call, cls=pool, target=_ADDRESS(made(call, pool)))

    ADAPTER.calls(f"{package}.create_pool")(opened)
    ADAPTER.methods(pool, "acquire")(lambda call: [driver.store.call(call, "connect", is_blocking=False)])


for _package in ("aiomysql", "asyncmy"):
    _awaited(_package)
