"""Code that an assistant or the clipboard inserts at once: checked, marked, mended and summed up."""

from __future__ import annotations

import ast

ORDERS = "orders/main.py"
PASTED = """\


@app.get("/orders/{number}")
async def show(number: str):
    found = requests.get(os.environ["PAYMENTS_URL"] + "/charge")
    found.raise_for_status()
    return found.json()
"""
MARK = " [in the inserted block]"
TYPED = '\n\ndef late():\n    return requests.get("https://example.com/late")\n'


async def pasted(desk, profile="vscode-languageclient-11.0.0", **options):
    capabilities = await desk.start(profile, **options)
    desk.load(ORDERS)
    await desk.shown(ORDERS)
    desk.append(ORDERS, PASTED)
    return capabilities


async def test_findings_of_a_pasted_block_are_marked_in_every_client(desk, various):
    await pasted(desk, various)
    found = await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    assert all(item["message"].endswith(MARK) for item in found)
    assert {item["data"]["block"] for item in found} == {1}
    assert desk.popups() == []


async def test_what_was_there_before_or_is_typed_is_not_marked(desk):
    await desk.start()
    before = (desk.root / ORDERS).read_text() + TYPED
    desk.load(ORDERS, before)
    (old,) = await desk.shown(ORDERS, "call-without-timeout")
    desk.append(ORDERS, PASTED.replace("async def", "def"))
    found = await desk.shown(ORDERS, "call-without-timeout", "call-without-timeout")
    assert [MARK in item["message"] for item in found] == [False, True]
    assert found[0]["message"] == old["message"]


async def test_block_is_made_safe_in_every_client_and_nothing_else_is_touched(desk, profile):
    capabilities = await desk.start(profile)
    encoding = capabilities["positionEncoding"]
    desk.load(ORDERS, (desk.root / ORDERS).read_text() + TYPED)
    desk.append(ORDERS, PASTED.replace("async def", "def"))
    _, marked = await desk.shown(ORDERS, "call-without-timeout", "call-without-timeout")
    action = await desk.action(ORDERS, marked["range"], "Make the inserted block safe")
    after = desk.apply(await desk.edit_of(action))[ORDERS]
    ast.parse(after)
    assert encoding in ("utf-8", "utf-16", "utf-32")
    assert TYPED in after
    assert after.count("timeout=") == 2
    desk.become(ORDERS, after)
    (left,) = await desk.shown(ORDERS, "call-without-timeout")
    assert MARK not in left["message"]


async def test_edit_inside_keeps_the_mark_and_undo_takes_the_findings_away(desk):
    await pasted(desk)
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    text = desk.texts[ORDERS]
    desk.become(ORDERS, text.replace("async def", "def"))
    (found,) = await desk.shown(ORDERS, "call-without-timeout")
    assert found["message"].endswith(MARK)
    desk.become(ORDERS, text.replace(PASTED, ""))
    assert await desk.shown(ORDERS) == []


async def test_formatter_that_sends_the_whole_text_marks_nothing(desk):
    await desk.start()
    desk.load(ORDERS, (desk.root / ORDERS).read_text() + TYPED)
    await desk.shown(ORDERS, "call-without-timeout")
    desk.become(ORDERS, desk.texts[ORDERS].replace('"', "'").replace("(", "(\n            "))
    (found,) = await desk.shown(ORDERS, "call-without-timeout")
    assert MARK not in found["message"]


async def test_reviewed_block_is_not_marked_any_more(desk):
    await pasted(desk)
    found = await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    action = await desk.action(ORDERS, found[0]["range"], "The inserted block is reviewed")
    await desk.command(action["command"]["command"], *action["command"]["arguments"])
    found = await desk.diagnostics(ORDERS)
    assert [MARK in item["message"] for item in found] == [False, False]
    titles = [action["title"] for action in await desk.actions(ORDERS, found[0]["range"])]
    assert "Make the inserted block safe" not in titles


async def test_summary_as_a_message_comes_once(desk):
    await pasted(desk, acceptance={"summary": "message"})
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    desk.append(ORDERS, "x = 1\n")
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    desk.append(ORDERS, "y = 1\n")
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    (message,) = await desk.sent("window/showMessage")
    assert message["type"] == 3
    first = desk.texts[ORDERS].split("\n").index('@app.get("/orders/{number}")') + 1
    assert message["message"].startswith(f"Inserted lines {first}-{first + 4}: 2 findings (")
    assert f"call-without-timeout line {first + 2}" in message["message"]
    assert f"uses payments GET /charge line {first + 2}" in message["message"]


async def test_summary_as_a_lens_stands_above_the_block(desk):
    await pasted(desk, codeLens={"enabled": False})
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    lens, reviewed = await desk.ask("textDocument/codeLens", desk.of(ORDERS))
    assert lens["range"]["start"] == desk.place(ORDERS, '@app.get("/orders/{number}")')
    assert lens["command"]["title"].endswith(": make it safe")
    assert reviewed["command"]["command"] == "shearpin.reviewed"
    desk.answers["workspace/applyEdit"] = {"applied": True}
    assert await desk.command(lens["command"]["command"], *lens["command"]["arguments"]) is True
    (asked,) = desk.requests("workspace/applyEdit")
    assert desk.apply(asked["edit"])[ORDERS].count("timeout=") == 2
    assert desk.requests("window/showMessage") == []


async def test_summary_can_be_switched_off(desk):
    await pasted(desk, codeLens={"enabled": False}, acceptance={"summary": "off"})
    await desk.shown(ORDERS, "blocking-call-in-async", "call-without-timeout")
    assert await desk.ask("textDocument/codeLens", desk.of(ORDERS)) is None
    assert desk.requests("window/showMessage") == []
