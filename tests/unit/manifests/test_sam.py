from __future__ import annotations

import pytest

from ..services.loading import Loaded
from .reading import read_text, values

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
  PaymentUrl: {Type: AWS::SSM::Parameter::Value<String>}
Globals:
  Function:
    Runtime: python3.12
    Handler: main.handler
    Environment:
      Variables:
        STAGE: !Ref Stage
        PAYMENT_URL: !Ref PaymentUrl
        TABLE: !Ref Orders
        SECRET: !Sub "{{resolve:secretsmanager:x}}"
        MODE: "plain"
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: orders-placed}
  Create:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/create/
      Environment:
        Variables:
          QUEUE_URL:
            Ref: Queue
          SAME: one
  List:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/list
      Environment:
        Variables:
          QUEUE_ARN: !GetAtt Queue.Arn
          SAME: two
"""


def test_a_template_is_one_service_with_the_environment_of_its_functions() -> None:
    (found,) = read_text("shop/orders/template.yaml", TEMPLATE).workloads
    assert (found.name, found.build, found.kind) == ("orders", "shop/orders", "function")
    assert values(found) == {
        "STAGE": "dev",
        "PAYMENT_URL": None,
        "TABLE": "Orders",
        "SECRET": None,
        "MODE": "plain",
        "QUEUE_URL": "orders-placed",
        "SAME": None,
        "QUEUE_ARN": "orders-placed",
    }
    assert [source for source, _ in found.mounts] == ["shop/orders/src/create", "shop/orders/src/list"]


@pytest.mark.parametrize(
    "properties",
    ["{PackageType: Image}", "{CodeUri: 's3://bucket/code.zip'}", "{InlineCode: 'x = 1'}", "{CodeUri: ../../other}"],
)
def test_functions_whose_code_stands_elsewhere_are_no_service(properties: str) -> None:
    text = f"Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties: {properties}\n"
    assert read_text("orders/template.yaml", text).workloads == ()


def test_imports_resolve_from_the_folder_of_each_function() -> None:
    loaded = Loaded(
        {
            "orders/template.yaml": TEMPLATE,
            "orders/src/create/main.py": "import helpers\n",
            "orders/src/create/helpers.py": "",
            "orders/src/list/main.py": "",
        }
    )
    service = loaded.one()
    assert (service.id, service.root, service.language) == ("orders", "orders", "python")
    assert {"orders/src/create", "orders/src/list"} <= set(service.source_roots)
