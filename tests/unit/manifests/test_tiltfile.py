from __future__ import annotations

from .reading import at, read_text


def test_images_that_a_tiltfile_builds() -> None:
    text = (
        "load('ext://restart_process', 'docker_build_with_restart')\n"
        "def build(name):\n    docker_build(name, name)\n"
        "if config.tilt_subcommand == 'up':\n"
        "    docker_build('shop/orders', './orders', dockerfile='orders/docker/api.dockerfile')\n"
        "docker_build_with_restart(ref='users', context='users', entrypoint=['x'])\n"
        "docker_build('outside', '../other')\n"
    )
    facts = read_text("deploy/Tiltfile", text)
    assert facts.kind == "tiltfile"
    assert [(build.image, build.context, build.dockerfile) for build in facts.builds] == [
        ("shop/orders", "deploy/orders", "deploy/orders/docker/api.dockerfile"),
        ("users", "deploy/users", None),
        ("outside", "other", None),
    ]
    assert at({"deploy/Tiltfile": text}, facts.builds[0].site) == "'shop/orders'"


def test_a_tiltfile_that_builds_nothing_or_is_broken() -> None:
    assert read_text("Tiltfile", "k8s_yaml('k8s/all.yaml')\n").kind == ""
    facts = read_text("Tiltfile", "docker_build('a', 'b')\ndef (:\n")
    assert [build.context for build in facts.builds] == ["b"]
