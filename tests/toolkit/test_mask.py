"""What presentation mode hides, line by line, and that nothing else on a line moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from tui.api.credentials.keys import Secret
from tui.toolkit.drawing.harmless import Harmless
from tui.toolkit.mask import Mask
from tui.toolkit.presenting import Masked

PEOPLE = {
    "data": [
        {
            "object": "organization.user",
            "id": "user-1",
            "name": "Grace Brewster Hopper",
            "email": "grace@acme.example",
        },
        {
            "owner": {"type": "user", "user": {"name": "漢字 Mark", "email": "mark@acme.example"}},
            "name": "nightly",
        },
        {"object": "organization.admin_api_key", "name": "deploy", "redacted_value": "key-**wxyz"},
        {"name": "acme-web", "object": "organization.project"},
    ]
}


@pytest.fixture
def mask() -> Mask:
    mask = Mask()
    mask.learn(PEOPLE)
    return mask


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("of grace@acme.example, owner", "of ••••••••••••••••••, owner"),
        ("<ada.l+x@mail.example>", "<••••••••••••••••••••>"),
        ("Grace Brewster Hopper is", "••••••••••••••••••••• is"),
        ("│ Grace Bre…  owner │", "│ ••••••••••  owner │"),
        ("│ added by Grace │", "│ added by ••••• │"),
        ("│ Brewster Hopper yesterday", "│ ••••••••••••••• yesterday"),
        ("│ gra…mple  owner", "│ ••••••••  owner"),
        ("漢字 Mark left", "••••••••• left"),
        ("Gracefully ended", "Gracefully ended"),
        ("key sk-proj-…wxyz of OPENAI_API_KEY", "key ••••••••••••• of OPENAI_API_KEY"),
        ("••••wxyz  key-**wxyz", "••••••••  ••••••••••"),
        ("proj_0123456789abcdef", "proj_••••••••••••cdef"),
        ("proj_01…ef org-a1 user-defined user_data", "proj_••••• org-•• user-defined user_data"),
        ('"openai-organization": "acme",', '"openai-organization": "••••",'),
        ("-H 'OpenAI-Organization: acme-eu'", "-H 'OpenAI-Organization: •••••••'"),
        ("for gpt-5 in organization acme. Limit: 2", "for gpt-5 in organization ••••. Limit: 2"),
        ("roles of the organization and of projects", "roles of the organization and of projects"),
        ("nightly deploy of acme-web 1 @ 2.00", "nightly deploy of acme-web 1 @ 2.00"),
    ],
)
def test_a_line_is_hidden_in_part(mask: Mask, line: str, shown: str) -> None:
    assert mask.hide(line) == shown
    assert cell_len(shown) == cell_len(line)


@given(st.lists(st.text(st.sampled_from("Grace Hopper@.…漢é│sk-proj_01")), max_size=6))
def test_a_line_stays_as_wide_and_its_pieces_as_they_are(texts: list[str]) -> None:
    mask = Mask()
    mask.learn(PEOPLE)
    pieces = [Segment(text) for text in texts]
    shown = Masked(mask).apply(pieces, Color(0, 0, 0))
    assert "".join(each.text for each in shown) == mask.hide("".join(texts))
    assert [each.cell_length for each in shown] == [each.cell_length for each in pieces]


def test_a_key_in_use_is_drawn_nowhere_whatever_its_pieces() -> None:
    key = Secret("drawn/nowhere+0123456789").reveal()
    pieces = [Segment("of "), Segment(key[:5]), Segment(key[5:] + "."), Segment(key), Segment(" end")]
    shown = [each.text for each in Harmless().apply(pieces, Color(0, 0, 0))]
    assert shown == ["of ", "•" * 5, "•" * 19 + ".", "•" * 24, " end"]


def test_what_names_nobody_is_left(mask: Mask) -> None:
    mask.learn({"email": None, "name": 7, "user": [], "object": None})
    mask.learn({"email": " ", "redacted_value": "**"})
    assert mask.hide("nobody **  7 None\n") == "nobody **  7 None\n"
