from __future__ import annotations

from shearpin.facts.manifest import Workload

from .reading import at, read_in, read_text, values, workload


def service(body: str, files: dict[str, str] | None = None) -> Workload:
    """The service `s` of a compose file with this body."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"services:\n  s:\n{lines}"
    return workload(read_in({"compose.yaml": text, **(files or {})}, "compose.yaml"), "s")


def ports(found: Workload) -> list[tuple[int, int | None]]:
    return [(port.container, port.published) for port in found.ports]


def test_environment_as_a_map_or_a_list_with_places() -> None:
    text = (
        "services:\n  a:\n    image: a\n    environment:\n      URL: http://b:80\n      EMPTY:\n      N: 5\n"
        '  b:\n    image: b\n    environment:\n      - URL=http://a:80\n      - "Q=x y"\n      - BARE\n'
    )
    files = {"compose.yaml": text, ".env": "BARE=given\n"}
    facts = read_in(files, "compose.yaml")
    a, b = workload(facts, "a"), workload(facts, "b")
    assert values(a) == {"URL": "http://b:80", "EMPTY": None, "N": "5"}
    assert values(b) == {"URL": "http://a:80", "Q": "x y", "BARE": "given"}
    assert [at(files, entry.site) for entry in a.env] == ["http://b:80", "EMPTY", "5"]
    assert [at(files, entry.site) for entry in b.env] == ["http://a:80", "x y", "BARE"]


def test_variables_come_from_the_env_file_beside() -> None:
    found = service(
        "image: ${REGISTRY:-local}/shop:${TAG}\nenvironment:\n  URL: http://${HOST}:${PORT:-80}\n  KEY: ${SECRET}",
        {".env": "TAG=2\nHOST=pay\n"},
    )
    assert found.image == "local/shop:2"
    assert values(found) == {"URL": "http://pay:80", "KEY": None}


def test_a_sample_stands_in_for_an_env_file_that_is_missing() -> None:
    found = service("image: a:${TAG}", {".env.example": "TAG=2\n"})
    assert found.image == "a:2"


def test_env_files_are_weaker_than_environment() -> None:
    files = {
        "compose.yaml": (
            "services:\n  s:\n    image: a\n    env_file:\n      - common.env\n      - path: own.env\n"
            "        required: false\n"
            "    environment:\n      B: manifest\n"
        ),
        "common.env": "A=common\nB=common\nC=common\n",
        "own.env": "C=own\nD=$C/x\n",
    }
    facts = read_in(files, "compose.yaml")
    found = workload(facts, "s")
    assert values(found) == {"A": "common", "B": "manifest", "C": "own", "D": "own/x"}
    assert {entry.site.path for entry in found.env} == {"common.env", "own.env", "compose.yaml"}
    assert {"common.env", "own.env", ".env"} <= set(facts.reads)


def test_anchors_and_merge_keys() -> None:
    text = (
        "x-env: &env {A: '1', B: '2'}\nservices:\n  s:\n    image: a\n    environment:\n      <<: *env\n      B: '3'\n"
    )
    assert values(workload(read_text("compose.yaml", text), "s")) == {"B": "3", "A": "1"}


def test_build_and_dockerfile_are_workspace_paths() -> None:
    text = (
        "services:\n  a:\n    build: ../a\n  b:\n    build:\n      context: ..\n      dockerfile: b/Dockerfile.prod\n"
        "  c:\n    build: https://github.com/x/y.git\n  d:\n    build: ../../outside\n"
    )
    facts = read_text("deploy/compose.yaml", text)
    assert [(item.build, item.dockerfile) for item in facts.workloads] == [
        ("a", "a/Dockerfile"),
        ("", "b/Dockerfile.prod"),
        (None, None),
        (None, None),
    ]


def test_commands() -> None:
    assert service("image: a\ncommand: uvicorn app:app --port 80").command == ("uvicorn", "app:app", "--port", "80")
    assert service('image: a\ncommand: ["python", "x.py"]\nentrypoint: wrap').command == ("wrap", "python", "x.py")
    assert service("image: a\ncommand: sh -c 'alembic upgrade head && python x.py'").command == (
        "alembic", "upgrade", "head", ";", "python", "x.py",
    )  # fmt: skip
    assert service("image: a").command is None


def test_start_script_in_the_build_folder_or_a_mount() -> None:
    script = {"app/start.sh": "exec uvicorn app:app\n"}
    assert service("build: ./app\ncommand: ./start.sh", script).command == ("uvicorn", "app:app")
    assert service("image: x\nvolumes: ['./app:/code']\ncommand: sh /code/start.sh", script).command == (
        "uvicorn",
        "app:app",
    )


def test_in_the_network_of_the_host_a_process_publishes_what_it_listens_on() -> None:
    found = service("image: a\nnetwork_mode: host\ncommand: uvicorn main:app --port 8003\nenvironment: {PORT: 9000}\n")
    assert ports(found) == [(8003, 8003), (9000, 9000)]
    assert ports(service("image: a\nenvironment: {PORT: 9000}\n")) == []


def test_ports_in_all_forms() -> None:
    found = service(
        "image: a\nports:\n  - '8001:8000'\n  - 127.0.0.1:8002:8000\n  - '9000'\n  - '53:53/udp'\n  - ${P:-7}:7\n"
        "  - target: 80\n    published: '8080'\nexpose:\n  - '5000'"
    )
    assert ports(found) == [(8000, 8001), (8000, 8002), (9000, None), (53, 53), (7, 7), (80, 8080), (5000, None)]


def test_names_under_which_the_network_knows_a_service() -> None:
    text = (
        "services:\n  a:\n    image: a\n    container_name: the-a\n    hostname: a.local\n    networks:\n      net:\n"
        "        aliases: [other-a]\n  b:\n    image: b\n    links: ['a:linked']\n"
    )
    assert workload(read_text("compose.yaml", text), "a").hosts == ("a", "the-a", "a.local", "other-a", "linked")


def test_depends_on_profiles_replicas_and_mounts() -> None:
    found = service(
        "image: a\ndepends_on:\n  db:\n    condition: service_healthy\nprofiles: [extra]\ndeploy:\n  replicas: 3\n"
        "volumes:\n  - ./conf:/etc/conf:ro\n  - data:/var\n  - type: bind\n    source: ./x\n    target: /x"
    )
    assert found.depends_on == ("db",)
    assert found.profiles == ("extra",)
    assert found.replicas == 3
    assert found.mounts == (("conf", "/etc/conf"), ("x", "/x"))


def test_extends_in_the_same_and_in_another_file() -> None:
    files = {
        "compose.yaml": (
            "services:\n  base:\n    image: b\n    environment: {A: base, B: base}\n"
            "  s:\n    extends: base\n    environment: {B: own}\n"
            "  t:\n    extends: {file: common/c.yaml, service: base}\n"
        ),
        "common/c.yaml": "services:\n  base:\n    build: .\n    environment: [A=far]\n",
    }
    facts = read_in(files, "compose.yaml")
    assert values(workload(facts, "s")) == {"A": "base", "B": "own"}
    assert workload(facts, "s").image == "b"
    assert workload(facts, "t").build == "common"
    assert values(workload(facts, "t")) == {"A": "far"}


def test_extending_in_a_circle_ends() -> None:
    text = "services:\n  a:\n    extends: b\n    image: a\n  b:\n    extends: a\n"
    assert {item.name for item in read_text("compose.yaml", text).workloads} == {"a", "b"}


def test_included_files() -> None:
    files = {
        "compose.yaml": "include:\n  - infra/compose.yaml\n  - path: [more.yaml]\nservices:\n  a:\n    image: a\n",
        "infra/compose.yaml": "services:\n  db:\n    image: postgres\n",
        "more.yaml": "services:\n  c:\n    image: c\n",
    }
    facts = read_in(files, "compose.yaml")
    assert [item.name for item in facts.workloads] == ["db", "c", "a"]
    assert {item.deployment for item in facts.workloads} == {"compose.yaml"}
    assert workload(facts, "db").site.path == "infra/compose.yaml"


def test_an_override_is_its_own_deployment_on_top_of_the_base() -> None:
    files = {
        "docker-compose.yml": "services:\n  a:\n    build: ./a\n    environment: {X: base, Y: base}\n  b:\n"
        "    image: b\n",
        "docker-compose.override.yml": "services:\n  a:\n    image: other\n    environment: {Y: over}\n",
    }
    facts = read_in(files, "docker-compose.override.yml")
    (found,) = facts.workloads
    assert found.deployment == "docker-compose.override.yml"
    assert found.build == "a"
    assert values(found) == {"X": "base", "Y": "over"}
    assert "docker-compose.yml" in facts.reads


def test_a_variant_without_image_refines_the_base_and_one_with_image_stands_alone() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: a\n    environment: {X: base}\n",
        "compose.prod.yaml": "services:\n  a:\n    environment: {Y: prod}\n  b:\n    image: b\n",
    }
    facts = read_in(files, "compose.prod.yaml")
    assert values(workload(facts, "a")) == {"X": "base", "Y": "prod"}
    assert values(workload(facts, "b")) == {}


def test_any_yaml_file_with_containers_is_one() -> None:
    assert read_text("stack.yml", "services:\n  a:\n    image: a\n").kind == "compose"
    assert read_text("ci.yml", "services:\n  - name: postgres\n    image: postgres\n").kind == ""
    assert read_text("other.yml", "services:\n  a: 1\n").kind == ""


def test_a_broken_file_says_where() -> None:
    facts = read_text("compose.yaml", "services:\n  a:\n    image: [x\n")
    assert facts.workloads == ()
    assert [problem.site.path for problem in facts.problems] == ["compose.yaml"]


def test_files_of_one_include_are_laid_over_each_other() -> None:
    files = {
        "compose.yaml": "include:\n  - path: [parts/a.yaml, parts/a.prod.yaml]\n  - parts/b.yaml\n",
        "parts/a.yaml": "services:\n  a: {image: a, environment: {X: '1', Y: '1'}}\n",
        "parts/a.prod.yaml": "services:\n  a: {environment: {X: '2'}}\n",
        "parts/b.yaml": "services:\n  b: {image: b}\n",
    }
    facts = read_in(files, "compose.yaml")
    assert values(workload(facts, "a")) == {"X": "2", "Y": "1"}
    assert workload(facts, "b").image == "b"


def test_env_files_that_need_not_be_there_and_raw_ones() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: a\n    env_file:\n      - {path: gone.env, required: false}\n"
        "      - {path: raw.env, format: raw}\n      - plain.env\n",
        "raw.env": "PASSWORD=a$b\n",
        "plain.env": "URL=http://${HOST:-db}/${PATH_:?set it}\n",
    }
    assert values(workload(read_in(files, "compose.yaml"), "a")) == {"PASSWORD": "a$b", "URL": "http://db/"}


def test_several_services_share_a_merged_block() -> None:
    text = (
        "x-a: &a {X: '1', Y: '1'}\nx-b: &b {Y: '2', Z: '2'}\nservices:\n"
        "  one: {image: i, environment: {<<: [*a, *b], X: own}}\n  two: {image: i, environment: {<<: *b}}\n"
    )
    facts = read_text("compose.yaml", text)
    assert values(workload(facts, "one")) == {"X": "own", "Y": "1", "Z": "2"}
    assert values(workload(facts, "two")) == {"Y": "2", "Z": "2"}


def test_supervisord_is_what_it_keeps_running() -> None:
    conf = (
        "[supervisord]\nnodaemon=true\n[program:web]\ncommand=uvicorn main:app --port 80\n"
        "[program:tasks]\ncommand = celery -A tasks worker\n[include]\nfiles = /etc/more.conf /etc/conf.d/*.conf\n"
    )
    files = {"compose.yaml": "services:\n  a: {build: a, command: supervisord}\n", "a/supervisord.conf": conf}
    files["a/more.conf"] = "[program:beat]\ncommand=celery -A tasks beat\n"
    words = "uvicorn main:app --port 80 ; celery -A tasks worker ; celery -A tasks beat"
    assert " ".join(workload(read_in(files, "compose.yaml"), "a").command or ()) == words
    files["compose.yaml"] = (
        "services:\n  a: {build: a, command: supervisord -n --configuration=/etc/supervisord.conf}\n"
    )
    assert " ".join(workload(read_in(files, "compose.yaml"), "a").command or ()) == words
