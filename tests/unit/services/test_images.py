from __future__ import annotations

import pytest

from shearpin.services.images import infrastructure_kind


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        ("postgres:16", "postgres"),
        ("registry.example/mirrors/image-mirror-confluentinc-cp-kafka:7.8", "kafka"),
        ("registry.example/docker-redis-cluster:7", "redis"),
        ("registry.example/mirror-altinity-clickhouse-server@sha256:0", "clickhouse"),
        ("registry.example/orders-redis-sync", None),
        ("registry.example/mirror-orders", None),
    ],
)
def test_what_an_image_is(image: str, kind: str | None) -> None:
    assert infrastructure_kind(image) == kind
