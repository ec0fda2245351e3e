"""Where one object names another, in words."""

from __future__ import annotations

import pytest

from tui.workflows.consequences.uses import describe_role, find_path


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("input_file_id", "as input file"),
        ("training_file", "as training file"),
        ("result_files", "as result file"),
        ("tool_resources file_search vector_store_ids", "as file search vector store"),
        ("metadata parent_id", "in metadata parent id"),
        ("id", "as id"),
        ("", ""),
    ],
)
def test_the_path_to_an_id_tells_as_what_it_is_used(path: str, role: str) -> None:
    assert describe_role(path) == role


def test_the_first_value_that_is_the_id_counts() -> None:
    raw = {"id": "file-b", "model": "m", "result_files": ["file-a"], "metadata": {"of": "file-a"}}
    assert find_path(raw, "file-a") == "as result file"
    assert find_path(raw, "file-c") == ""
