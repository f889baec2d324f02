from __future__ import annotations

from shearpin.services.classify import PathClass, path_class

from .loading import Loaded


def test_what_supports_a_suite_of_tests_is_a_test():
    db = Loaded({"browser_tests/tests/conftest.py": "", "browser_tests/core/mail.py": "", "shop/mail.py": ""}).db
    assert path_class(db, "browser_tests/core/mail.py") is PathClass.TEST
    assert path_class(db, "shop/mail.py") is PathClass.APPLICATION


def test_an_application_may_be_about_tests():
    db = Loaded({"clinic/lab_tests/models.py": "", "clinic/tests/conftest.py": ""}).db
    assert path_class(db, "clinic/lab_tests/models.py") is PathClass.APPLICATION


def test_what_tools_read_is_no_part_of_a_service():
    db = Loaded({".semgrep/rules/calls.py": "", ".github/scripts/notify.py": "", "shop/mail.py": ""}).db
    assert path_class(db, ".semgrep/rules/calls.py") is PathClass.TOOLING
    assert path_class(db, ".github/scripts/notify.py") is PathClass.TOOLING
    assert path_class(db, "shop/mail.py") is PathClass.APPLICATION
