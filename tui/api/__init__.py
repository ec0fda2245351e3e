"""The wire: client, credentials, errors, paging, retries, streaming, transfers."""
