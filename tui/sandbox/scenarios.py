"""The scenarios a sandbox can start with."""

from __future__ import annotations

SCENARIOS = {
    "calm": "a small account where everything is finished and nothing moves",
    "busy": "batches and fine-tuning jobs at every stage, and new work arriving",
    "nasty": "every odd case: hostile names, missing and mistyped fields, unknown states, jobs that went wrong",
    "huge": "100,000 files, 10,000 batches, 200 models and 200 projects",
}

# Text that a terminal, a markup parser or a layout may trip over. Anybody who can upload can name a file so.
HOSTILE = (
    "\x1b]52;c;aGk=\x07clipboard.jsonl",
    "\x1b]0;title\x1b\\.jsonl",
    "\x1b[2J\x1b[31mred.jsonl",
    "c1-\x9b31m-\x9d0;x\x9c.jsonl",
    "bell\x07\x08\x08back\x7f\x00nul.jsonl",
    "line\nbreak\r\ttab.jsonl",
    "[/oops].jsonl",
    "[@click=app.bell]('x')[/]press me.jsonl",
    "[link=https://example.invalid]link[/link].jsonl",
    "invoice\u202egnp.jsonl",
    "iso\u2066late\u2069d \u200bzero\u200fwidth\ufeff.jsonl",
    "tags\U000e0041\U000e0042.jsonl",
    "z" + "\u0335\u0321\u0322\u0327\u0328\u0334" * 40 + "algo.jsonl",
    "家族の写真-データセット-最終版.jsonl",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽 family.jsonl",
    "lone-\ud800-surrogate.jsonl",
    "=cmd|'/c calc'!A0.jsonl",
    "../../../../etc/passwd",
    "CON",
    "very-" + "long-" * 120 + "name.jsonl",
    " ",
    "",
)
