"""Every fault that a language server must survive has a test. A row names what happens and the tests that try it."""

from __future__ import annotations

import ast

import pytest

from .sources import ROOT

UNIT, MORE, E2E = "unit/lsp/test_faults.py", "unit/lsp/test_more_faults.py", "e2e/test_lsp_faults.py"
DOCUMENTS, DISK, MACHINE = "unit/lsp/test_documents.py", "e2e/test_lsp_disk.py", "e2e/test_machine_faults.py"

FAULTS: dict[str, list[tuple[str, str]]] = {
    # documents and positions
    "versions in the wrong order": [
        (UNIT, "test_old_whole_text_is_dropped"),
        (UNIT, "test_an_old_increment_silences_the_file_until_the_whole_text_comes"),
    ],
    "reversed range, or inside a character": [
        (UNIT, "test_reversed_range_changes_nothing"),
        (DOCUMENTS, "test_change_inside_a_character_or_reversed_is_rejected_whole"),
    ],
    "mixed line ends": [(DOCUMENTS, "test_text_equals_the_client_s_after_an_edit")],
    "characters that end no line": [
        (DOCUMENTS, "test_form_feed_ends_no_line"),
        (MACHINE, "test_same_lines_in_the_terminal_as_in_the_editor"),
    ],
    "each position encoding": [("e2e/test_lsp_findings.py", "test_same_text_is_marked_in_every_encoding")],
    "several changes in one message": [(DOCUMENTS, "test_changes_apply_each_on_the_result_of_the_one_before")],
    "positions beyond the text": [
        (UNIT, "test_positions_beyond_the_text_mean_its_end"),
        (MORE, "test_edit_of_an_empty_text"),
    ],
    "messages about files that are not open, or open twice": [
        (UNIT, "test_change_and_close_of_a_file_that_is_not_open"),
        (MORE, "test_second_open_of_a_file_replaces_the_first"),
    ],
    "byte order mark, NUL, surrogates, other encodings": [
        (E2E, "test_byte_order_mark_shifts_no_column"),
        (E2E, "test_bad_files_hide_nothing_in_others"),
        (E2E, "test_bad_buffers"),
        (UNIT, "test_lone_surrogates_count_as_the_unit_that_they_are"),
        (MACHINE, "test_source_in_another_encoding"),
    ],
    "cells of notebooks": [(MORE, "test_cells_of_notebooks_are_ignored")],
    "schemes that are no files": [(UNIT, "test_other_schemes_are_ignored")],
    "names that differ by case": [(MORE, "test_names_that_differ_by_case_are_two_files")],
    # paths and workspace
    "one file, several spellings": [(MORE, "test_diagnostics_come_under_the_uri_that_the_client_sent")],
    "links in a circle, dangling links, pipes": [(E2E, "test_bad_files_hide_nothing_in_others")],
    "memory after long work": [
        ("e2e/test_lsp_soak.py", "test_random_edits_end_where_a_fresh_start_would"),
        ("unit/query/test_kernel.py", "test_answers_that_nothing_rests_on_any_more_are_forgotten"),
        ("unit/lsp/test_protocol.py", "test_answers_are_not_kept"),
    ],
    "events about foreign files": [("unit/lsp/test_watching.py", "test_events_that_matter")],
    "storm of events": [(MORE, "test_storm_of_events_is_one_change")],
    "clients that watch no files": [
        ("unit/lsp/test_features.py", "test_changes_on_disk_are_found_on_save_where_the_client_does_not_watch"),
        ("unit/lsp/test_features.py", "test_disk_is_looked_at_on_save_where_the_client_refuses_to_watch"),
    ],
    "deleted, renamed and replaced behind the editor": [
        (DISK, "test_open_file_that_is_deleted_keeps_its_text_until_it_is_closed"),
        (DISK, "test_folder_that_is_gone_and_comes_back_is_told_by_its_own_name_only"),
        (DISK, "test_file_that_becomes_a_folder"),
    ],
    "several folders": [
        ("unit/lsp/test_features.py", "test_two_folders_do_not_know_each_other"),
        (MORE, "test_nested_folders_own_what_is_deepest"),
    ],
    "unreadable folders": [(MACHINE, "test_folder_that_may_not_be_read")],
    "edits and options while the folder is read": [(MORE, "test_options_that_change_while_the_folder_is_read")],
    # size and shape
    "large files and long lines": [
        (DOCUMENTS, "test_large_text_is_not_followed_at_each_keystroke"),
        (E2E, "test_bad_files_hide_nothing_in_others"),
    ],
    "deep code": [(E2E, "test_bad_files_hide_nothing_in_others"), (E2E, "test_bad_buffers")],
    "YAML bombs, circles and templates": [(E2E, "test_bad_files_hide_nothing_in_others")],
    # process, protocol, cache
    "editor that is gone": [(E2E, "test_editor_that_is_gone_ends_the_server")],
    "process id that tells nothing": [
        (MORE, "test_editor_that_was_never_alive_ends_nothing"),
        (UNIT, "test_capabilities_and_roots_of_null"),
    ],
    "server killed while its workers run": [(MACHINE, "test_workers_end_with_the_process_that_started_them")],
    "closed pipes": [(UNIT, "test_end_of_input"), (MORE, "test_output_that_nobody_reads_ends_the_server")],
    "fast typing": [(MORE, "test_fast_typing_ends_with_the_newest_text")],
    "floods of cancelled requests": [
        (UNIT, "test_requests_cancelled_at_once_are_answered_exactly_once"),
        (MORE, "test_thousand_requests_cancelled_in_a_row"),
        (MORE, "test_cancel_after_the_answer_and_same_number_again"),
    ],
    "messages that are none": [
        (UNIT, "test_what_is_no_message_is_refused"),
        (UNIT, "test_wrong_parameters_are_answered_with_an_error"),
        (UNIT, "test_custom_request_without_parameters"),
        (UNIT, "test_nested_object_that_looks_like_a_message"),
        (UNIT, "test_header_names_in_any_case"),
        (UNIT, "test_request_before_initialize_and_after_shutdown"),
    ],
    "exit without shutdown": [(UNIT, "test_exit_without_shutdown"), (E2E, "test_exit_code")],
    "client that never answers": [(UNIT, "test_client_that_never_answers")],
    "full disk, and a cache that cannot be used": [
        (MACHINE, "test_disk_without_room_for_a_cache"),
        (MACHINE, "test_cache_that_cannot_be_written"),
        (MACHINE, "test_cache_that_is_damaged"),
        (MACHINE, "test_no_home"),
    ],
    "several that share a cache, one killed": [(MACHINE, "test_several_share_a_cache_and_one_is_killed")],
    "times that say nothing": [(DISK, "test_same_size_and_time_with_other_content")],
    # the command line
    "interrupt, broken pipe, working folder that is gone": [
        (MACHINE, "test_interrupt_ends_at_once_without_a_traceback"),
        (MACHINE, "test_reader_that_goes_away"),
        (MACHINE, "test_working_folder_that_is_gone"),
    ],
}
#: what the protocol library does by itself and we must not
TRAPS: dict[str, list[tuple[str, str]]] = {
    "a handler holds up the loop, a request cannot be cancelled": [
        (UNIT, "test_requests_cancelled_at_once_are_answered_exactly_once"),
        ("unit/lsp/test_features.py", "test_newest_text_wins_over_a_slow_analysis"),
    ],
    "its documents count wrongly and read the disk": [
        (DOCUMENTS, "test_form_feed_ends_no_line"),
        (UNIT, "test_positions_beyond_the_text_mean_its_end"),
        (UNIT, "test_other_schemes_are_ignored"),
    ],
    "versions are not looked at": [(UNIT, "test_old_whole_text_is_dropped")],
    "URIs are unquoted": [("unit/lsp/test_features.py", "test_diagnostics_go_to_the_uri_that_the_client_sent")],
    "the client chooses what is counted": [
        ("unit/lsp/test_features.py", "test_columns_are_counted_in_the_encoding_of_the_client"),
        ("unit/lsp/test_clients.py", "test_what_a_real_client_gets"),
    ],
    "faults of the client are not answered, or are popups": [
        (UNIT, "test_wrong_parameters_are_answered_with_an_error"),
        (UNIT, "test_custom_request_without_parameters"),
        (UNIT, "test_what_is_no_message_is_refused"),
    ],
    "objects inside parameters are taken for messages": [(UNIT, "test_nested_object_that_looks_like_a_message")],
    "header names have one case": [(UNIT, "test_header_names_in_any_case")],
    "requests before and after their time": [(UNIT, "test_request_before_initialize_and_after_shutdown")],
    "exceptions are answered with a traceback": [
        (MORE, "test_analysis_that_fails_in_one_file_is_an_answer_and_hides_nothing_in_others"),
    ],
    "clients that never answer": [(UNIT, "test_client_that_never_answers")],
    "registration whatever the client says": [
        ("unit/lsp/test_features.py", "test_watched_files_are_registered_where_the_client_can"),
    ],
    "the exit code is always 0": [(UNIT, "test_exit_without_shutdown"), (UNIT, "test_end_of_input")],
    "nobody looks after the editor's process": [(E2E, "test_editor_that_is_gone_ends_the_server")],
    "clients kill the process right after their goodbye": [
        (UNIT, "test_session_is_closed_before_shutdown_is_answered"),
    ],
    "what is printed goes to the client": [(MORE, "test_what_a_library_prints_is_no_part_of_the_protocol")],
    "results are kept for ever": [("unit/lsp/test_protocol.py", "test_answers_are_not_kept")],
}


def _tests_of(path):
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("fault", [*FAULTS, *TRAPS])
def test_every_fault_has_its_tests(fault):
    tests = [*FAULTS.get(fault, ()), *TRAPS.get(fault, ())]
    assert tests
    assert [name for path, name in tests if name not in _tests_of(path)] == []


@pytest.mark.parametrize("path", [UNIT, MORE, E2E, DISK, MACHINE])
def test_every_test_of_a_fault_stands_in_the_table(path):
    named = {name for tests in (*FAULTS.values(), *TRAPS.values()) for other, name in tests if other == path}
    known_elsewhere = {
        "test_changes_that_do_not_fit",
        "test_ignored_and_seen_again",
        "test_folder_that_becomes_an_environment",
        "test_settings",
    }
    assert _tests_of(path) - named - known_elsewhere == set()
