"""Batches of files on their way into vector stores.

https://platform.openai.com/docs/api-reference/vector-stores-file-batches
"""

from __future__ import annotations

from dataclasses import replace

from tui.api.operation import Operation
from tui.resources.language.cells import id_link, instant, own_id, status, unless_stalled
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.parts import cancel, create
from tui.resources.language.resource import Child, Resource
from tui.resources.vector_stores.file_holders import (
    AGE,
    FAILED,
    FILES,
    FileBatch,
    count_unread,
    describe_stall,
    tally_lines,
)
from tui.resources.vector_stores.store_files import ATTACH_MANY, STORE, STORE_FILES

FILE_BATCHES: Resource[FileBatch] = Resource(
    name="file-batches",
    singular="file batch",
    family="Vector stores",
    model=FileBatch,
    aliases=("vsb", "file-batch"),
    prefixes=("vsfb_",),
    parent="vector-stores",
    get=Operation("getVectorStoreFileBatch", "GET", f"{STORE}/file_batches/{{batch_id}}"),
    columns=(
        Column("STATUS", "status", unless_stalled(describe_stall), 13),
        FILES,
        FAILED,
        AGE,
        Column("ID", "id", own_id, 18, grow=True),
    ),
    active=lambda batch: batch.running,
    attention=count_unread,
    stalled=describe_stall,
    progress=lambda batch: batch.done,
    detail=(
        Section(
            "File batch",
            (
                Field("id", "id", own_id),
                Field("store", "vector_store_id", id_link),
                Field("status", "status", status),
                Field("created", "created_at", instant),
            ),
        ),
        Section("Files", lines=tally_lines),
    ),
    actions=(
        create(ATTACH_MANY, "add many files"),
        cancel(
            Operation("cancelVectorStoreFileBatch", "POST", f"{STORE}/file_batches/{{batch_id}}/cancel"),
            "Files that are read already stay in the store.",
        ),
    ),
    children=(Child("file-batch-files"),),
    enter="file-batch-files",
    empty="No file batches seen from here. The API has no list of them; press n to add many files at once.",
)

BATCH_FILES = replace(
    STORE_FILES,
    name="file-batch-files",
    aliases=("vsbf",),
    parent="file-batches",
    list=Operation("listFilesInVectorStoreBatch", "GET", f"{STORE}/file_batches/{{batch_id}}/files"),
    actions=tuple(action for action in STORE_FILES.actions if action.on != "list"),
    empty="No files in this batch.",
)
