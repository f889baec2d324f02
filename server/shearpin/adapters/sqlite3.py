"""sqlite3 and aiosqlite: a database in a file of the same machine.

A statement that changes rows opens a transaction, which ends with `commit()` or at the end of `with connection`; that
block does not close the connection. Writing waits for the disk, and up to 5 s for other writers; reading does not wait.

## Blocking and awaited
```python
import aiosqlite
import sqlite3

db = sqlite3.connect("shop.db")

def pay(order):
    db.execute("UPDATE orders SET paid = 1 WHERE id = ?", (order,))
    db.commit()
    return db.cursor().execute("SELECT * FROM stock").fetchall()

async def load():
    async with aiosqlite.connect("shop.db") as other:
        await other.execute("INSERT INTO log VALUES (1)")
        await other.commit()
```
```facts
4: ClientCreated sql target=sqlite:///shop.db
4: StoreCall sql connect target=sqlite:///shop.db
7: StoreCall sql write object=orders target=sqlite:///shop.db blocking
8: StoreCall sql commit target=sqlite:///shop.db blocking
9: StoreCall sql read object=stock target=sqlite:///shop.db
12: ClientCreated sql target=sqlite:///shop.db
12: StoreCall sql connect target=sqlite:///shop.db
13: StoreCall sql write object=log target=sqlite:///shop.db awaited
14: StoreCall sql commit target=sqlite:///shop.db awaited
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.dbapi import Driver
from shearpin.adapterkit.store import argument_of, joined
from shearpin.facts.value import UNKNOWN, Unknown, Value

ADAPTER = Adapter("sqlite3", version="3.11", distributions=("python", "aiosqlite"))


def _file(connection: Value) -> Value:
    name = argument_of(connection, "database", 0, UNKNOWN)
    # Wherever the file is, it is on this machine.
    return joined("sqlite:///", Unknown() if name == UNKNOWN else name)


_WAITING = frozenset(("write", "commit"))
_DRIVERS = (
    Driver(
        "sqlite3",
        ("sqlite3.connect",),
        "sqlite3.Connection",
        "sqlite3.Cursor",
        _file,
        runs=True,
        waits=_WAITING,
        is_costly=False,
    ),
    Driver(
        "aiosqlite",
        ("aiosqlite.connect",),
        "aiosqlite.Connection",
        "aiosqlite.Cursor",
        _file,
        is_blocking=False,
        runs=True,
        is_costly=False,
    ),
)

ADAPTER.alias("aiosqlite.core.Connection", "aiosqlite.Connection")
for _driver in _DRIVERS:
    _driver.teach(ADAPTER)
