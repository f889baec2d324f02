"""Endpoints for charges."""

import uuid

from flask import Blueprint, abort, jsonify, request
from sqlalchemy import select

from . import bank, fraud
from .db import Charge, Session
from .receipts import send_later

charges = Blueprint("charges", __name__)


@charges.post("")
def create_charge():
    body = request.get_json()
    order_id, amount = body["order_id"], body["amount"]
    with Session() as session:
        existing = session.scalar(select(Charge).where(Charge.order_id == order_id))
    if existing is not None:
        # The order was charged before: a repeat gets the same answer.
        return jsonify(charge_id=existing.id, status=existing.status), 200
    if fraud.score(order_id, amount) > 0.9:
        abort(402, "The payment was refused")

    authorization_id = bank.authorize(order_id, amount)
    capture_id = bank.capture(authorization_id)
    charge = Charge(id=uuid.uuid4().hex, order_id=order_id, amount=amount, capture_id=capture_id)
    with Session() as session:
        session.add(charge)
        session.commit()

    send_later(order_id, amount)
    return jsonify(charge_id=charge.id, status=charge.status), 201


@charges.get("")
def list_charges():
    with Session() as session:
        found = session.scalars(select(Charge).where(Charge.order_id == request.args.get("order_id", type=int))).all()
    return jsonify([{"charge_id": charge.id, "status": charge.status} for charge in found])


@charges.get("/<charge_id>")
def get_charge(charge_id: str):
    with Session() as session:
        charge = session.get(Charge, charge_id)
    if charge is None:
        abort(404)
    return jsonify(charge_id=charge.id, status=charge.status, settled=bank.wait_until_settled(charge.capture_id))


@charges.post("/<charge_id>/refund")
def refund_charge(charge_id: str):
    with Session() as session:
        charge = session.get(Charge, charge_id)
        if charge is None:
            abort(404)
        bank.refund(charge.capture_id)
        charge.status = "refunded"
        session.commit()
    return jsonify(charge_id=charge_id, status="refunded")
