"""The wire: client, credentials, errors, paging, retries, streaming, transfers."""

import sys

# httpx imports its own command line with itself, and with that all of rich: a tenth of what `o9s get` takes.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
