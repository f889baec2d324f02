from __future__ import annotations

from shearpin.services import service_of_folder, source_roots

from .loading import Loaded


def monorepo() -> Loaded:
    """Two services whose images hold the folder `shared`; both call their package `app`."""
    dockerfile = (
        "FROM python\nWORKDIR /app\nCOPY shared/ /app/shared/\nCOPY services/{0}/ /app/\nENV PYTHONPATH=/app\n"
        'CMD ["uvicorn", "app.main:app"]\n'
    )
    files = {
        "docker-compose.yml": "services:\n"
        + "".join(
            f"  {name}:\n    build: {{context: ., dockerfile: services/{name}/Dockerfile}}\n" for name in ("a", "b")
        ),
        "shared/__init__.py": "",
        "shared/core/db.py": "",
        "tests/conftest.py": "",
    }
    for name in ("a", "b"):
        files[f"services/{name}/Dockerfile"] = dockerfile.replace("{0}", name)
        files[f"services/{name}/app/main.py"] = ""
    return Loaded(files)


def test_the_dockerfile_decides_about_roots() -> None:
    loaded = monorepo()
    found = loaded.services()["a"]
    assert (found.root, found.source_roots, found.shared) == ("services/a", ("services/a", ""), ("shared",))


def test_imports_resolve_in_the_own_service_first() -> None:
    db = monorepo().db
    assert source_roots(db, "services/a/app/main.py") == ("services/a", "")
    assert source_roots(db, "services/b/app/main.py") == ("services/b", "")


def test_shared_code_belongs_to_all_that_copy_it() -> None:
    db = monorepo().db
    assert service_of_folder(db, "services/a/app/main.py") == ("a",)
    assert service_of_folder(db, "shared/core/db.py") == ("a", "b")
    assert service_of_folder(db, "tests/conftest.py") == ()
    # Which of the two packages `app` it would mean nobody can say.
    assert source_roots(db, "shared/core/db.py") == ("",)


def test_mounted_folders_are_shared_as_well() -> None:
    loaded = Loaded(
        {
            "compose.yaml": (
                "services:\n  a:\n    build: ./a\n    command: uvicorn app.main:app\n"
                "    volumes: ['./a/app:/srv/app', './shared:/srv/shared']\n"
            ),
            "a/Dockerfile": "FROM python\nWORKDIR /srv\nCOPY . .\n",
            "a/app/main.py": "",
            "shared/x.py": "",
        }
    )
    assert loaded.one().source_roots == ("a", "")
    assert service_of_folder(loaded.db, "shared/x.py") == ("a",)


def test_the_deepest_root_wins() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  all:\n    build: .\n  part:\n    build: ./part\n",
            "main.py": "",
            "part/main.py": "",
        }
    )
    assert service_of_folder(loaded.db, "main.py") == ("all",)
    assert service_of_folder(loaded.db, "part/main.py") == ("part",)


def test_an_image_without_source_here_owns_nothing() -> None:
    loaded = Loaded({"compose.yaml": "services:\n  far:\n    image: vendor/far:1\n", "x.py": ""})
    assert loaded.one().source_roots == ()
    assert service_of_folder(loaded.db, "x.py") == ()


def test_import_roots_from_the_command_and_the_image() -> None:
    def roots(dockerfile: str, **files: str) -> tuple[str, ...]:
        named = {path.replace("__", "/") + ".py": text for path, text in files.items()}
        return (
            Loaded({"compose.yaml": "services:\n  s:\n    build: ./s\n", "s/Dockerfile": dockerfile, **named})
            .one()
            .source_roots
        )

    base = "FROM python\nWORKDIR /srv\nCOPY . .\n"
    assert roots(base + "CMD uvicorn main:app --app-dir api\n", s__api__main="")[0] == "s/api"
    assert roots(base + "WORKDIR /srv/api\nCMD uvicorn main:app\n", s__api__main="")[0] == "s/api"
    assert roots(base + "CMD python jobs/worker.py\n", s__jobs__worker="")[0] == "s/jobs"
    assert roots(base + "ENV PYTHONPATH=/srv/lib\nCMD python -m shop\n", s__lib__shop="")[0] == "s/lib"
    assert roots("FROM python\nWORKDIR /srv\nCOPY src/ .\nCMD python -m shop\n", s__src__shop="")[0] == "s/src"


def test_the_folder_of_a_module_is_no_root_but_that_of_a_test_is() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  s:\n    build: ./s\n    command: uvicorn app.main:app\n",
            "s/app/main.py": "import redis",
            "s/app/redis.py": "",
            "s/tests/test_x.py": "",
        }
    )
    assert source_roots(loaded.db, "s/app/main.py") == ("s", "")
    assert "s/tests" in source_roots(loaded.db, "s/tests/test_x.py")


def test_local_packages_are_shared_with_who_installs_them() -> None:
    loaded = Loaded(
        {
            "compose.yaml": "services:\n  s:\n    build: ./s\n  t:\n    build: ./t\n",
            "s/pyproject.toml": "[project]\nname = 's'\n[tool.uv.sources]\ncommon = {path = '../libs/common'}\n",
            "s/app/main.py": "",
            "t/main.py": "",
            "libs/common/pyproject.toml": "[project]\nname = 'common'\n",
            "libs/common/src/common/__init__.py": "",
        }
    )
    assert service_of_folder(loaded.db, "libs/common/src/common/__init__.py") == ("s",)
    assert "libs/common/src" in source_roots(loaded.db, "s/app/main.py")


def test_files_of_no_service_resolve_from_their_package_and_folder() -> None:
    loaded = Loaded({"lib/pkg/__init__.py": "", "lib/pkg/a.py": "", "scripts/run.py": ""})
    assert source_roots(loaded.db, "lib/pkg/a.py") == ("lib", "")
    assert source_roots(loaded.db, "scripts/run.py") == ("scripts", "")
