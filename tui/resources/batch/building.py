"""What a form asks to build the file of a batch from rows. Nothing of it is sent to the platform."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.api.operation import Operation
from tui.resources.language.action import Action, Ask
from tui.resources.language.asking.inputs import LongText, More, ObjectId
from tui.resources.language.checks import Endpoint
from tui.resources.language.objects import Request


class BuildFile(Request):
    """The rows, and what a request is made of one."""

    source: str = Input(
        description="A CSV, TSV, JSON Lines or text, a folder, or a pattern such as prompts/*.txt."
    )
    model: Annotated[str, ObjectId("models")] = Input(
        examples=["gpt-5-mini"], description="The model of all requests."
    )
    prompt: Annotated[str | None, LongText()] = Input(
        None, description="What is asked; {column} stands for a cell, {{ and }} for braces."
    )
    instructions: Annotated[str | None, LongText()] = Input(None, description="How the model should act.")
    custom_id: str | None = Input(
        None, title="custom id", description="Such as {id}; without it the column id, or file and row."
    )
    target: str = Input(title="save as", description="The file to write.")
    endpoint: Annotated[Endpoint | None, More()] = Input(
        None, description="Without it, as the template tells: responses for a prompt."
    )
    schema_file: Annotated[str | None, More()] = Input(
        None, title="JSON schema", description="The file of a schema that answers keep to."
    )
    template: Annotated[str | None, LongText(), More()] = Input(
        None, description="The JSON of a request or the path of its file, in place of prompt and instructions."
    )


BUILD: Action = Action(
    "build", "ctrl+y", "build the file from rows", Ask(Operation("buildFile", "", "", body=BuildFile)), on="list"
)
"""Never sent: a form needs one to ask for its values."""
