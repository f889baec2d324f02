"""What is known of a file and of the system: hover, lenses, symbols, hints."""

from __future__ import annotations

ORDERS = "orders/main.py"
PAYMENTS = "payments/main.py"


async def hovered(desk, path, text, at=0):
    found = await desk.ask("textDocument/hover", desk.of(path, position=desk.place(path, text, at)))
    return "" if found is None else found["contents"]["value"]


async def lenses(desk, path, count):
    """Lenses by the text of their line, once the graph is known."""
    found = await desk.until_asked(
        "textDocument/codeLens", desk.of(path), lambda found: found is not None and len(found) >= count
    )
    rows = desk.texts[path].split("\n")
    return {rows[lens["range"]["start"]["line"]]: lens["command"] for lens in found}


async def test_hover_tells_limits_and_the_way_of_the_request(desk):
    await desk.start()
    desk.load(ORDERS)
    desk.load(PAYMENTS)
    await desk.shown(ORDERS)
    text = await hovered(desk, ORDERS, "requests.post")
    assert "POST /charge" in text
    assert "timeout: 5 s (given at the call, `orders/main.py:12`)" in text
    assert "attempts: 1 (no retry)" in text
    assert "breaker: none" in text
    assert "`payments` may take 12 s at worst; the caller waits 5 s" in text
    assert "`payments/main.py:12`" in text
    assert "`create` may take 5 s at worst" in text
    text = await hovered(desk, PAYMENTS, "session.post")
    assert "attempts: 3 (loop, `payments/main.py:10`)" in text
    assert await hovered(desk, ORDERS, "import os") == ""


async def test_lenses_name_users_findings_and_limits_of_clients(desk, various):
    await desk.start(various)
    desk.load(PAYMENTS, (desk.root / PAYMENTS).read_text().replace(", timeout=4", ""))
    await desk.shown(PAYMENTS, "call-without-timeout")
    found = await lenses(desk, PAYMENTS, 2)
    route = found['@app.post("/charge")']
    assert route["title"].startswith("called by orders (1 place)")
    assert found["session = requests.Session()"]["title"].startswith("http client: waits for ever, library default")
    places = await desk.command(route["command"], *route["arguments"])
    assert [place["uri"] for place in places] == [desk.uri(ORDERS)]
    window = desk.capabilities.get("window") or {}
    if (window.get("showDocument") or {}).get("support"):
        assert desk.requests("window/showDocument")[-1]["uri"] == desk.uri(ORDERS)
        assert desk.popups() == []
    else:
        assert desk.requests("window/showDocument") == []
        assert desk.requests("window/showMessage")[-1]["message"] == "Used at orders/main.py:12"


async def test_lens_follows_an_edit_of_another_service(desk):
    await desk.start()
    desk.load(PAYMENTS)
    desk.load(ORDERS)
    await lenses(desk, PAYMENTS, 1)
    desk.become(ORDERS, desk.texts[ORDERS].replace('"/charge"', '"/other"'))
    found = await lenses(desk, PAYMENTS, 1)
    assert found['@app.post("/charge")']["title"] == "no known caller"


async def test_client_that_shows_places_itself_gets_them_in_the_lens(desk):
    await desk.start(clientCommands=["shearpin.showReferences"])
    desk.load(PAYMENTS)
    command = (await lenses(desk, PAYMENTS, 1))['@app.post("/charge")']
    assert command["command"] == "shearpin.showReferences"
    uri, position, places = command["arguments"]
    assert (uri, position) == (desk.uri(PAYMENTS), desk.place(PAYMENTS, 'app.post("/charge")'))
    assert [place["uri"] for place in places] == [desk.uri(ORDERS)]


async def test_lenses_can_be_switched_off(desk):
    await desk.start(codeLens={"enabled": False}, acceptance={"summary": "off"})
    desk.load(PAYMENTS)
    await desk.shown(PAYMENTS)
    assert await desk.ask("textDocument/codeLens", desk.of(PAYMENTS)) is None


async def test_symbols_of_a_file_and_of_the_workspace(desk, various):
    await desk.start(various)
    for path in (ORDERS, "compose.yaml"):
        desk.load(path)
    nests = (desk.capabilities["textDocument"].get("documentSymbol") or {}).get("hierarchicalDocumentSymbolSupport")
    symbols = await desk.until_asked("textDocument/documentSymbol", desk.of(ORDERS), bool)
    assert [symbol["name"] for symbol in symbols] == ["POST /orders", "publish paid"]
    assert all(("selectionRange" in symbol) == bool(nests) for symbol in symbols)
    symbols = await desk.ask("textDocument/documentSymbol", desk.of("compose.yaml"))
    assert [symbol["name"] for symbol in symbols] == ["orders", "payments", "rabbitmq"]
    found = await desk.ask("workspace/symbol", {"query": "pay charge"})
    assert [(symbol["name"], symbol["containerName"]) for symbol in found] == [("POST /charge", "payments")]
    assert found[0]["location"]["uri"] == desk.uri(PAYMENTS)
    names = {symbol["name"] for symbol in await desk.ask("workspace/symbol", {"query": ""})}
    assert {"orders", "payments", "rabbitmq", "POST /orders", "POST /charge", "rabbitmq/paid"} <= names


async def test_hints_are_off_until_somebody_wants_them(desk):
    await desk.start()
    desk.load(PAYMENTS)
    span = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    asked = desk.of(PAYMENTS, range=span)
    await desk.shown(PAYMENTS)
    assert await desk.ask("textDocument/inlayHint", asked) is None
    desk.answers["workspace/configuration"] = [{"inlayHints": {"enabled": True}}]
    desk.send("workspace/didChangeConfiguration", {"settings": None})
    (hint,) = await desk.until_asked("textDocument/inlayHint", asked, bool)
    assert hint["label"] == "timeout 4 s, 3 attempts"
    end = desk.place(PAYMENTS, "timeout=4)", len("timeout=4)"))
    assert hint["position"] == end
    assert "payments/main.py:10" in hint["tooltip"]
    above = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
    assert await desk.ask("textDocument/inlayHint", desk.of(PAYMENTS, range=above)) == []


async def test_clients_that_can_are_asked_to_ask_again_when_the_graph_is_known(desk, various):
    await desk.start(various, inlayHints={"enabled": True})
    desk.load(ORDERS)
    workspace = desk.capabilities["workspace"]
    expected = {
        f"workspace/{name}/refresh"
        for name in ("codeLens", "inlayHint")
        if (workspace.get(name) or {}).get("refreshSupport")
    }
    await desk.until_asked("textDocument/documentSymbol", desk.of(ORDERS), bool)
    while expected - {message.get("method") for message in desk.seen}:
        await desk.receive()
    asked = {message["method"] for message in desk.seen if message.get("method", "").endswith("/refresh")}
    assert asked == expected
