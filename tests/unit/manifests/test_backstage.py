from __future__ import annotations

from .reading import at, read_text

CATALOGUE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: order-service, annotations: {x: y}}
spec:
  type: service
  providesApis: [orders-api]
  consumesApis: ['api:default/payments-api']
  dependsOn: ['component:default/stock', 'resource:orders-db', other]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: orders-api}
"""


def test_components_and_what_people_say_of_them() -> None:
    facts = read_text("orders/catalog-info.yaml", CATALOGUE)
    (found,) = facts.components
    assert (facts.kind, found.name) == ("backstage", "order-service")
    assert [name for name, _ in found.provides] == ["orders-api"]
    assert [name for name, _ in found.consumes] == ["payments-api"]
    assert [name for name, _ in found.depends_on] == ["stock"]
    assert at({"orders/catalog-info.yaml": CATALOGUE}, found.depends_on[0][1]) == "'component:default/stock'"
