"""Slow hashing of passwords: bcrypt, passlib, argon2, hashlib's key derivation.

They are made to take about a tenth of a second of the processor each time, so they stop an event loop like a pause.

## Hashing and checking
```python
import bcrypt
from passlib.context import CryptContext

context = CryptContext(schemes=["argon2"])

def check(password: str, stored: str) -> bool:
    return context.verify(password, stored) or bcrypt.checkpw(password.encode(), stored.encode())
```
```facts
7: Blocking cpu (hashing a password) blocking
7: Blocking cpu (hashing a password) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import to_thread
from shearpin.adapterkit.effects import blocking
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import ClassModel

ADAPTER = Adapter("hashing", version="5.0", distributions=("bcrypt", "passlib", "argon2-cffi", "pwdlib"))

_CONTEXT = "passlib.context.CryptContext"
_ARGON = "argon2.PasswordHasher"
_PWDLIB = "pwdlib.PasswordHash"
_SCHEMES = ("bcrypt", "argon2", "pbkdf2_sha256", "pbkdf2_sha512", "scrypt", "sha512_crypt", "sha256_crypt")

ADAPTER.models(ClassModel(_CONTEXT), ClassModel(_ARGON), ClassModel(_PWDLIB))


@ADAPTER.calls(
    *("bcrypt.hashpw", "bcrypt.checkpw", "bcrypt.kdf"),
    *("hashlib.pbkdf2_hmac", "hashlib.scrypt"),
    *(f"passlib.hash.{scheme}.{name}" for scheme in _SCHEMES for name in ("hash", "verify", "encrypt")),
    *("werkzeug.security.generate_password_hash", "werkzeug.security.check_password_hash"),
)
def _function(call: ResolvedCall) -> Iterable[Fact]:
    """`bcrypt.checkpw(password, stored)`"""
    yield blocking(call, call.name.partition(".")[0], "hashing a password", "cpu", to_thread())


@ADAPTER.calls(
    *(f"{_CONTEXT}.{name}" for name in ("hash", "verify", "encrypt", "verify_and_update")),
    *(f"{owner}.{name}" for owner in (_ARGON, _PWDLIB) for name in ("hash", "verify", "verify_and_update")),
)
def _method(call: ResolvedCall) -> Iterable[Fact]:
    """`CryptContext(schemes=["bcrypt"]).verify(password, stored)`"""
    yield blocking(call, call.name.partition(".")[0], "hashing a password", "cpu", to_thread())
