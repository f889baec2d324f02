"""Flask-SQLAlchemy: one `db` object with SQLAlchemy's scoped session, engine, model base and statement builders.

The address is the application's setting `SQLALCHEMY_DATABASE_URI`, wherever the service puts it into `app.config`.
`db.session` is committed by nobody but the code; it is removed when the request ends.

## The session of the application
```python
import os
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)

class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)

def place(order_id):
    db.session.add(Order(id=order_id))
    db.session.execute(db.select(Order).filter_by(id=order_id))
    Order.query.filter_by(id=order_id).first()
    db.session.commit()
```
```facts
5: Application Flask@5 extras=[GET /static/{filename:path}] slash=append
7: ClientCreated sql target=$DATABASE_URL
13: StoreCall sql write object=Order target=$DATABASE_URL
14: StoreCall sql read object=Order target=$DATABASE_URL blocking
15: StoreCall sql read object=Order blocking
16: StoreCall sql commit target=$DATABASE_URL blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.orm import engine_address, orm_store
from shearpin.adapterkit.store import words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("flask-sqlalchemy", version="3.1.1", distributions=("Flask-SQLAlchemy",))

_DB = "flask_sqlalchemy.SQLAlchemy"
_MODEL = "flask_sqlalchemy.model.Model"
_STATEMENTS = {"select": "Select", "insert": "Insert", "update": "Update", "delete": "Delete"}

ADAPTER.alias("flask_sqlalchemy.extension.SQLAlchemy", _DB)
ADAPTER.alias("flask_sqlalchemy.query.Query", "sqlalchemy.orm.Query")
ADAPTER.models(
    ClassModel(
        _DB,
        from_shelf=(("url", "flask.Config", "SQLALCHEMY_DATABASE_URI"),),
        attributes=(
            ("session", "sqlalchemy.orm.scoped_session"),
            ("engine", "sqlalchemy.Engine"),
            ("metadata", "sqlalchemy.MetaData"),
            ("Model", f"type[{_MODEL}]"),
            ("Column", "type[sqlalchemy.Column]"),
        ),
    ),
    ClassModel(_MODEL, attributes=(("query", "sqlalchemy.orm.Query"), ("metadata", "sqlalchemy.MetaData"))),
    *(CallModel(f"{_DB}.{verb}", returns=f"sqlalchemy.{cls}") for verb, cls in _STATEMENTS.items()),
    # The models' base belongs to one `db`, but which one is not said by the class: its queries have no address.
    CallModel(f"{_DB}.relationship", returns="sqlalchemy.orm.Relationship"),
    CallModel(f"{_DB}.text", returns="sqlalchemy.TextClause"),
    CallModel(f"{_DB}.Table", returns="sqlalchemy.Table"),
)
STORE = orm_store("flask-sqlalchemy")


@ADAPTER.calls(_DB)
def _create(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.created(call, target=engine_address(call.value("url")), is_costly=False)


@ADAPTER.methods(_DB, "create_all", "drop_all")
def _schema(call: ResolvedCall) -> Iterable[Fact]:
    yield STORE.call(call, "write", is_blocking=True)


@ADAPTER.methods(_DB, *words("get_or_404 first_or_404 one_or_404 paginate"))
def _shortcut(call: ResolvedCall) -> Iterable[Fact]:
    found = STORE.call(call, "read", is_blocking=True)
    yield msgspec.structs.replace(found, object=call.value("entity", 0)) if call.name.endswith(".get_or_404") else found
