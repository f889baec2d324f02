from __future__ import annotations

from shearpin.services import host_owner

from .loading import Loaded

APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def test_folders_with_applications_are_services() -> None:
    loaded = Loaded(
        {
            "orders/app/__init__.py": "",
            "orders/app/main.py": APP,
            "payments/main.py": "from flask import Flask\n\ndef create_app():\n    app = Flask(__name__)\n"
            "    return app\n",
            "libs/common/x.py": "import logging\nlog = logging.getLogger(__name__)\n",
            "jobs/tasks.py": "from celery import Celery\napp = Celery('jobs')\n",
        }
    )
    assert {name: (found.root, found.kind, found.entries) for name, found in loaded.services().items()} == {
        "orders": ("orders", "http", ("app.main:app",)),
        "payments": ("payments", "http", ("main:create_app",)),
        "jobs": ("jobs", "worker", ("celery:tasks",)),
    }
    assert loaded.services()["orders"].hosts == ("orders",)


def test_main_blocks_that_serve_or_consume() -> None:
    loaded = Loaded(
        {
            "consumer/main.py": (
                "import pika\n\ndef main():\n    channel = connect()\n    channel.start_consuming()\n\n"
                "if __name__ == '__main__':\n    main()\n"
            ),
            "poller/run.py": "if __name__ == '__main__':\n    while True:\n        step()\n",
            "server/run.py": "import uvicorn\nif __name__ == '__main__':\n    uvicorn.run('x:app')\n",
            "script/run.py": "def main():\n    print(1)\n\nif __name__ == '__main__':\n    main()\n",
        }
    )
    assert {name: (found.kind, found.entries) for name, found in loaded.services().items()} == {
        "consumer": ("worker", ("main.py",)),
        "poller": ("worker", ("run.py",)),
        "server": ("http", ("run.py",)),
    }


def test_the_port_of_a_server_that_the_main_block_starts() -> None:
    serve = APP + "\nif __name__ == '__main__':\n    import uvicorn\n    uvicorn.run(app, host='0.0.0.0', port={0})\n"
    loaded = Loaded(
        {
            "a/main.py": serve.replace("{0}", "8001"),
            "b/main.py": serve.replace("{0}", "int(os.getenv('PORT', '8002'))"),
        }
    )
    assert {name: found.ports for name, found in loaded.services().items()} == {"a": (8001,), "b": (8002,)}
    assert host_owner(loaded.db, "localhost", 8002, "a") == ("service", "b")


def test_tests_examples_and_covered_folders_add_nothing() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  a:\n    build: ./a\n",
            "a/app/main.py": APP,
            "a/tools/extra.py": APP,
            "tests/fake.py": APP,
            "examples/x/main.py": APP,
            "b/tests/test_app.py": APP,
        }
    )
    assert list(loaded.services()) == ["a"]


def test_a_single_application_at_the_root() -> None:
    found = Loaded({"main.py": APP, "pyproject.toml": "[project]\nname = 'x'\n"}).one()
    assert (found.id, found.root, found.entries) == ("app", "", ("main:app",))
    found = Loaded({"orders.py": APP}).one()
    assert (found.id, found.entries) == ("orders", ("orders:app",))


def test_src_layout() -> None:
    found = Loaded(
        {"svc/pyproject.toml": "[project]\nname='x'\n", "svc/src/shop/__init__.py": "", "svc/src/shop/api.py": APP}
    )
    assert found.one().root == "svc"
    assert found.one().source_roots == ("svc/src", "svc")
    assert found.one().entries == ("shop.api:app",)


def test_an_edit_that_adds_an_application_adds_a_service() -> None:
    loaded = Loaded({"orders/main.py": "x = 1\n"})
    assert loaded.services() == {}
    loaded.edit("orders/main.py", APP)
    assert list(loaded.services()) == ["orders"]
    loaded.edit("orders/main.py", "x = 1\n")
    assert loaded.services() == {}


def test_the_environment_file_of_a_folder() -> None:
    found = Loaded({"orders/main.py": APP, "orders/.env": "URL=http://a\n"}).one()
    assert [(entry.name, entry.value) for entry in found.deployments[0].env] == [("URL", "http://a")]
    assert found.deployments[0].is_production


def test_a_start_script_says_the_port_of_what_it_starts() -> None:
    loaded = Loaded(
        {
            "orders/app/__init__.py": "",
            "orders/app/main.py": APP,
            "orders/run.sh": "uvicorn app.main:app --port 8001\n",
            "users/src/main.py": APP,
            "users/scripts/start.sh": "uvicorn main:app --port 9999\n",
            "stock/main.py": APP,
            "run-all.sh": "uvicorn --app-dir users/src main:app --port 8002 &\nuvicorn stock.main:app --port 8003\n",
        }
    )
    found = {name: (service.ports, service.entries) for name, service in loaded.services().items()}
    assert found == {
        "orders": ((8001,), ("app.main:app",)),
        "users": ((8002,), ("main:app",)),
        "stock": ((8003,), ("main:app",)),
    }


def test_start_scripts_alone_make_no_service() -> None:
    assert Loaded({"tools/run.sh": "python clean.py\n", "tools/clean.py": "print(1)\n"}).services() == {}


def test_programs_of_a_supervisor_are_services_unless_a_container_starts_them() -> None:
    files = {
        "shop/supervisord.conf": "[program:web]\ncommand=gunicorn app:app\n[program:nginx]\ncommand=nginx\n",
        "shop/app.py": APP,
    }
    found = Loaded(files).services()
    assert {name: (service.root, service.entries) for name, service in found.items()} == {"web": ("shop", ("app:app",))}
    image = "FROM python\nCOPY . /srv\nWORKDIR /srv\nCMD supervisord -c supervisord.conf\n"
    inside = Loaded({**files, "shop/Dockerfile": image}).services()
    assert {name: service.entries for name, service in inside.items()} == {"shop": ("app:app",)}
