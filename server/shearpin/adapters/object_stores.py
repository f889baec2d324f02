"""Object stores of Google (google-cloud-storage) and Azure (azure-storage-blob).

Google's client blocks and waits 60 s, Azure's waits 20 s for a connection and 60 s for each read and also exists with
`await` (`azure.storage.blob.aio`). Objects that only name a bucket, container or blob make no request.

## Google
```python
from google.cloud import storage

bucket = storage.Client().bucket("invoices")

def store(order):
    bucket.blob(order.id).upload_from_string("x", timeout=5)
    bucket.get_blob(order.id).download_as_bytes()
```
```facts
3: ClientCreated gcs target=gcs:// costly
6: StoreCall gcs write object=invoices target=gcs:// timeout=5(call) blocking
7: StoreCall gcs read object=invoices target=gcs:// timeout=60(default) blocking
7: StoreCall gcs read object=invoices target=gcs:// timeout=60(default) blocking
```

## Azure
```python
from azure.storage.blob import BlobServiceClient
from azure.storage.blob.aio import ContainerClient

service = BlobServiceClient(account_url="http://azurite:10000/shop")

def store():
    service.get_blob_client(container="invoices", blob="1").upload_blob(b"")
    service.get_container_client("invoices").download_blob("1")

async def later(text):
    async with ContainerClient.from_connection_string(text, "invoices") as container:
        await container.upload_blob("1", b"")
```
```facts
4: ClientCreated azureblob target=http://azurite:10000/shop costly
7: StoreCall azureblob write object=invoices target=http://azurite:10000/shop timeout=60(default) blocking
8: StoreCall azureblob read object=invoices target=http://azurite:10000/shop timeout=60(default) blocking
11: ClientCreated azureblob target=azureblob:// costly
12: StoreCall azureblob write object=invoices target=azureblob:// timeout=60(default) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.store import Store, argument_of, class_of, made, made_from, timeout_of, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Value

ADAPTER = Adapter(
    "object_stores",
    version="google-cloud-storage 3.17.1",
    distributions=("google-cloud-storage", "azure-storage-blob"),
)

_DEFAULT = Timeout(Const(60), "default", bounds="phase")

# ------------------------------------------------------------------------------------------------------------- Google

_CLIENT, _BUCKET, _BLOB = (f"google.cloud.storage.{name}" for name in ("Client", "Bucket", "Blob"))
_GCS = Store("google-cloud-storage", "gcs", lambda _: Const("gcs://"), thread_grade="safe")
_READS = {
    _CLIENT: words("get_bucket lookup_bucket list_blobs list_buckets download_blob_to_file"),
    _BUCKET: words("get_blob list_blobs exists reload"),
    _BLOB: words(
        "download_to_file download_to_filename download_as_bytes download_as_string download_as_text exists reload"
    ),
}
_WRITES = {
    _CLIENT: words("create_bucket"),
    _BUCKET: words("delete_blob delete_blobs copy_blob rename_blob move_blob create delete"),
    _BLOB: words("upload_from_file upload_from_filename upload_from_string delete rewrite compose"),
}

for _name, _cls in (("client", _CLIENT), ("bucket", _BUCKET), ("blob", _BLOB)):
    ADAPTER.alias(f"google.cloud.storage.{_name}.{_cls.rpartition('.')[2]}", _cls)
    ADAPTER.models(ClassModel(_cls))
ADAPTER.models(
    *(CallModel(f"{_CLIENT}.{name}", returns=_BUCKET) for name in ("bucket", "get_bucket", "create_bucket")),
    *(CallModel(f"{_BUCKET}.{name}", returns=_BLOB) for name in ("blob", "get_blob")),
)


def _bucket(handle: Value | None, call: ResolvedCall) -> Value:
    found = next((item for item in made_from(handle) if class_of(item) == _BUCKET), None)
    if found is None:
        return call.value("bucket_name", 0) if class_of(handle) == _CLIENT else UNKNOWN
    named = [argument_of(found, name, -1, NONE) for name in ("bucket_name", "name")]
    is_made_directly = argument_of(found, "owner", -1, NONE) == NONE
    given = next((item for item in named if item != NONE), NONE)
    return argument_of(found, "name", 1 if is_made_directly else 0) if given == NONE else given


@ADAPTER.calls(_CLIENT)
def _google(call: ResolvedCall) -> Iterable[Fact]:
    yield _GCS.created(call, target=Const("gcs://"))


def _google_call(call: ResolvedCall, kind: str) -> Iterable[Fact]:
    limit = timeout_of(call.argument("timeout"), _DEFAULT)
    yield _GCS.call(call, kind, is_blocking=True, obj=_bucket(call.receiver, call), timeout=limit)


for _kind, _methods in (("read", _READS), ("write", _WRITES)):
    for _cls, _names in _methods.items():
        ADAPTER.methods(_cls, *_names)(lambda call, kind=_kind: _google_call(call, kind))

# -------------------------------------------------------------------------------------------------------------- Azure

_PACKAGES = ("azure.storage.blob", "azure.storage.blob.aio")
_AZURE_READS = words("download_blob list_blobs list_blob_names walk_blobs exists get_blob_properties list_containers")
_AZURE_WRITES = words(
    "upload_blob delete_blob delete_blobs create_container delete_container append_block stage_block commit_block_list",
    "start_copy_from_url set_blob_metadata create_append_blob upload_page",
)


def _account(handle: Value | None) -> Value:
    for item in made_from(handle):
        url = argument_of(item, "account_url", -1, NONE)
        if url not in {NONE, UNKNOWN}:
            return url
    return Const("azureblob://")


_AZURE = Store("azure-storage-blob", "azureblob", _account, thread_grade="safe")


def _container(call: ResolvedCall) -> Value:
    """The name of the container: of the service that gave the client, else behind the address it was made with."""
    for item in made_from(call.receiver):
        if not class_of(item).endswith((".ContainerClient", ".BlobClient")):
            continue
        owner = class_of(argument_of(item, "owner", -1, NONE))
        if owner.endswith(".ContainerClient"):
            continue
        position = 0 if owner.endswith(".BlobServiceClient") else 1
        named = argument_of(item, "container_name", -1, NONE)
        return argument_of(item, "container", position) if named == NONE else named
    return UNKNOWN


def _azure(call: ResolvedCall) -> Iterable[Fact]:
    cls = call.name.removesuffix(".from_connection_string")
    yield _AZURE.created(call, cls=cls, target=_account(made(call, cls)))


def _azure_call(call: ResolvedCall, kind: str) -> Iterable[Fact]:
    is_blocking = not call.name.startswith(_PACKAGES[1])
    yield _AZURE.call(call, kind, is_blocking=is_blocking, obj=_container(call), timeout=_DEFAULT)


for _package in _PACKAGES:
    _service, _holder, _object = (f"{_package}.{name}Client" for name in ("BlobService", "Container", "Blob"))
    ADAPTER.models(
        *(ClassModel(cls) for cls in (_service, _holder, _object)),
        *(CallModel(f"{cls}.from_connection_string", returns=cls) for cls in (_service, _holder, _object)),
        CallModel(f"{_service}.get_container_client", returns=_holder),
        *(CallModel(f"{cls}.get_blob_client", returns=_object) for cls in (_service, _holder)),
    )
    for _cls in (_service, _holder, _object):
        ADAPTER.calls(_cls, f"{_cls}.from_connection_string")(_azure)
        ADAPTER.methods(_cls, *_AZURE_READS)(lambda call: _azure_call(call, "read"))
        ADAPTER.methods(_cls, *_AZURE_WRITES)(lambda call: _azure_call(call, "write"))
