"""aiobotocore and aioboto3: requests to AWS services on the event loop.

Everything is as in boto3, except that clients and resources are entered with `async with` and operations are awaited.
Limits and tries are those of botocore: 60 s for each phase; 3 tries in all with aiobotocore 3, 5 where aioboto3 15 pins
the older botocore.

## Clients
```python
import aioboto3
from aiobotocore.session import get_session

session = aioboto3.Session()

async def relay():
    async with get_session().create_client("sqs") as sqs:
        found = await sqs.get_queue_url(QueueName="orders")
        answer = await sqs.receive_message(QueueUrl=found["QueueUrl"])
        for message in answer["Messages"]:
            await sqs.delete_message(QueueUrl=found["QueueUrl"], ReceiptHandle=message["ReceiptHandle"])
    async with session.client("s3") as s3:
        await s3.get_object(Bucket="invoices", Key="1")
```
```facts
7: ClientCreated sdk target=sqs timeout=60(default) costly
8: RemoteCall sdk get_queue_url sqs timeout=60(default) attempts=3 awaited
9: Subscribe sqs topic=orders key='' target=sqs auto_ack=no awaited
11: Ack ack awaited
12: ClientCreated s3 target=s3:// timeout=60(default) costly
13: StoreCall s3 read object=invoices target=s3:// timeout=60(default) awaited
```

## Resources
```python
import aioboto3

async def store(order):
    async with aioboto3.Session().resource("dynamodb") as dynamodb:
        table = await dynamodb.Table("orders")
        await table.put_item(Item=order)
```
```facts
4: ClientCreated dynamodb target=dynamodb:// timeout=60(default) costly
6: StoreCall dynamodb write object=orders target=dynamodb:// timeout=60(default) awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.aws import Aws
from shearpin.adapterkit.store import made
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel

ADAPTER = Adapter("aioboto3", version="15.5.0", distributions=("aioboto3", "aiobotocore"))

_SESSION, _LOWER = "aioboto3.Session", "aiobotocore.session.AioSession"
_RESOURCE = "aioboto3.resources.base.AIOBoto3ServiceResource"
AWS = Aws("aioboto3", "aiobotocore.client.AioBaseClient", _RESOURCE, _SESSION, is_blocking=False, maker=_LOWER)

for _spelling in ("aioboto3.session.Session", "aiobotocore.AioSession", "aiobotocore.session.Session"):
    ADAPTER.alias(_spelling, _SESSION if _spelling.startswith("aioboto3") else _LOWER)
ADAPTER.alias("aiobotocore.get_session", "aiobotocore.session.get_session")
ADAPTER.alias("aiobotocore.config.AioConfig", "botocore.config.Config")
AWS.teach(ADAPTER)
ADAPTER.models(
    CallModel("aiobotocore.session.get_session", returns=_LOWER),
    CallModel(f"{_LOWER}.create_client", returns=AWS.client),
)


@ADAPTER.methods(_SESSION, "client", "resource")
@ADAPTER.methods(_LOWER, "create_client")
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call, AWS.resource if call.name.endswith(".resource") else AWS.client)
    store = AWS.store(AWS.service(client))
    yield store.created(call, cls=client.cls.name, target=AWS.address(client), timeout=AWS.timeout(client))
