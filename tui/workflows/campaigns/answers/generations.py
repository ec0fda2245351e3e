"""The next generation of a part: the requests of it that are worth sending again, in a file of their own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.api.transfers.local_files import write_whole
from tui.workflows.campaigns.answers.chain import Chain
from tui.workflows.campaigns.parts import name_part_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tui.workflows.campaigns.sending import Options, Sending
    from tui.workflows.campaigns.tokens import TokenRule


def write_generation(
    chain: Sequence[Sending], folder: Path, stem: str, options: Options, rule: TokenRule
) -> dict[str, Any]:
    """Write the file of the generation after those of a part, and return its record for the journal.

    Raises LocalFileError, and CampaignError where their files do not fit together.
    """
    before = chain[-1]
    path = folder / name_part_file(stem, before.part, before.generation + 1)
    lines = size = tokens = 0
    digest = hashlib.sha256()

    def chunks() -> Iterator[bytes]:
        nonlocal lines, size, tokens
        for line in Chain(chain, folder).requests(options.letters, options.changes):
            digest.update(line)
            lines, size, tokens = lines + 1, size + len(line), tokens + rule.count(line)
            yield line

    try:
        write_whole(path, chunks(), replace=True)
    except OSError as error:
        raise LocalFileError.of(error, path) from None
    return {
        "part": before.part,
        "generation": before.generation + 1,
        "file": path.name,
        "source": before.source,
        "endpoint": before.endpoint,
        "model": str(options.changes.get("model") or before.model),
        "letters": options.letters,
        "lines": lines,
        "size": size,
        "tokens": tokens,
        "sha256": digest.hexdigest(),
    }
