"""What runs where: services, deployments, source roots and environments, from manifests and folders."""

from __future__ import annotations

from shearpin.services.addresses import EnvAnswer, deployments, environment, gateway_routes, host_owner, service
from shearpin.services.layout import layout, service_of_folder, source_roots
from shearpin.services.system import system

__all__ = [
    "EnvAnswer",
    "deployments",
    "environment",
    "gateway_routes",
    "host_owner",
    "layout",
    "service",
    "service_of_folder",
    "source_roots",
    "system",
]
