"""The thread of the sessions, by itself."""

from __future__ import annotations

import gc
import threading
from types import SimpleNamespace

from shearpin.lsp.uris import Root
from shearpin.lsp.worker import Worker

PATIENCE = 20.0


def test_what_a_first_reading_leaves_behind_is_not_searched_for_garbage(tmp_path):
    root = Root(tmp_path.as_uri(), tmp_path)
    shown: list[int] = []
    twice = threading.Event()

    def sweep(_view, _path):
        shown.append(gc.get_freeze_count())
        if len(shown) > 1:
            twice.set()

    session = SimpleNamespace(db=SimpleNamespace(cancel=threading.Event()), close=lambda: None)
    worker = Worker(lambda _root, _first: (session, iter(())), sweep, sweep)
    before = gc.get_freeze_count()
    worker.open_root(root)
    worker.start()
    worker.show([(root, None), (root, None)])
    try:
        assert twice.wait(PATIENCE)
    finally:
        worker.stop(PATIENCE)
    assert shown[0] == before
    assert shown[-1] > before
    assert gc.get_freeze_count() == 0
