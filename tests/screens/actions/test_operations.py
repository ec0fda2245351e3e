"""Every operation of the registry is done from the keyboard, and what it did is looked up on the server."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened, served
from tests.support.sent_files import texts_file
from tests.support.walking import Scripts, Walk, declared
from tui.api.operation import Key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.walking import Script

SCRIPTS = Scripts(Key.PROJECT)
does = SCRIPTS.does


@pytest.fixture(scope="module")
def quick() -> Iterator[Server]:
    """A sandbox where work is done at once."""
    with served(scenario="calm", speed=200.0) as server:
        yield server


def uploaded(walk: Walk, name: str, content: str, purpose: str = "assistants") -> str:
    files = {"file": (name, content.encode())}
    return str(walk.call("POST", "/files", files=files, data={"purpose": purpose})["id"])


def requests_file(count: int) -> str:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello"}]}
    lines = (
        {"custom_id": str(n), "method": "POST", "url": "/v1/chat/completions", "body": body} for n in range(count)
    )
    return "\n".join(map(json.dumps, lines))


@does(
    *("listFiles", "createFile", "retrieveFile", "downloadFile", "deleteFile"),
    *("createUpload", "addUploadPart", "completeUpload", "cancelUpload"),
)
async def files(walk: Walk, folder: Path) -> None:
    path = folder / "some.jsonl"
    content = texts_file(path, "a", "b")
    await walk.lists("files", by="files")
    id_ = await walk.makes(file=str(path), purpose="batch")
    assert walk.call("GET", f"/files/{id_}")["filename"] == "some.jsonl"
    await walk.reads(id_)
    await walk.press("enter")
    await walk.shows("text-1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.api.transfers.sending.WHOLE_BYTES", 4)
        patch.setattr("tui.api.transfers.sending.PART_BYTES", 80)
        whole = await walk.makes(file=str(path), purpose="batch")
        assert walk.call("GET", f"/files/{whole}/content") == content
        walk.server.control("faults", spec="400@POST /uploads/upload_ x1")
        await walk.press("n")
        await walk.drive.sees("purpose")
        await walk.drive.type(str(path))
        await walk.press("ctrl+s")
        await walk.drive.until(lambda: walk.called("cancelUpload"), "the upload to be cancelled")
        walk.server.control("faults", spec="")
        await walk.press("escape")
    await walk.removes(id_)

    def has_gone() -> bool:
        return id_ not in [file["id"] for file in walk.call("GET", "/files")["data"]]

    await walk.drive.until(has_gone, "the file to go")


@does("listBatches", "createBatch", "retrieveBatch", "cancelBatch", slowly=True)
async def batches(walk: Walk, folder: Path) -> None:
    file = uploaded(walk, "r.jsonl", requests_file(500), "batch")
    await walk.lists("batches", by="batches")
    id_ = await walk.makes(input_file_id=file, endpoint="/v1/chat/completions")
    await walk.reads(id_)
    await walk.agrees("ctrl+x")
    await walk.drive.until(lambda: walk.call("GET", f"/batches/{id_}")["cancelling_at"], "the batch to stop")


@does("createFineTuningJob", "pauseFineTuningJob", "resumeFineTuningJob", "cancelFineTuningJob", slowly=True)
async def training(walk: Walk, folder: Path) -> None:
    example = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    file = uploaded(walk, "t.jsonl", "\n".join([json.dumps(example)] * 20), "fine-tune")
    await walk.lists("fine-tuning", by="fine-tuning")
    id_ = await walk.makes(training_file=file)
    path = f"/fine_tuning/jobs/{id_}"
    while walk.call("GET", path)["status"] in ("validating_files", "queued"):
        walk.server.control("clock", advance=20)
    await walk.press("r")
    await walk.drive.until(lambda: walk.drive.record.raw["status"] == "running", "the job to run", 40)
    await walk.agrees("s")
    await walk.drive.until(lambda: walk.call("GET", path)["status"].startswith("paus"), "the job to pause")
    while walk.call("GET", path)["status"] != "paused":
        walk.server.control("clock", advance=20)
    await walk.press("r")
    await walk.drive.until(lambda: walk.drive.record.raw["status"] == "paused", "the row to say so")
    await walk.agrees("s")
    await walk.drive.until(lambda: walk.call("GET", path)["status"] != "paused", "the job to go on")
    await walk.agrees("ctrl+x")
    await walk.holds("the job to end", path, "status", is_="cancelled")


@does(
    *("listPaginatedFineTuningJobs", "retrieveFineTuningJob", "listFineTuningEvents"),
    *("listFineTuningJobCheckpoints", "validateGrader", "runGrader"),
    *("listModels", "retrieveModel", "deleteModel"),
)
async def trained(walk: Walk, folder: Path) -> None:
    example = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    file = uploaded(walk, "t.jsonl", "\n".join([json.dumps(example)] * 20), "fine-tune")
    body = {"model": "gpt-4.1-mini-2025-04-14", "training_file": file}
    id_ = walk.call("POST", "/fine_tuning/jobs", json=body)["id"]
    path = f"/fine_tuning/jobs/{id_}"
    await walk.holds("the job to end", path, "status", is_="succeeded")
    await walk.lists("fine-tuning", by="fine-tuning")
    await walk.reads(id_)
    await walk.press("l")
    await walk.drive.sees("EVENTS")
    await walk.drive.until(lambda: walk.called("listFineTuningEvents"), "the events")
    await walk.lists("checkpoints", by=f"checkpoints {id_}")
    checkpoints = walk.call("GET", f"{path}/checkpoints")["data"]
    await walk.on(checkpoints[0]["id"])
    await walk.lists("fine-tuning", by="fine-tuning")
    grader = json.dumps(
        {
            "type": "string_check",
            "name": "same",
            "operation": "eq",
            "input": "{{sample.output_text}}",
            "reference": "yes",
        }
    )
    await walk.chooses("check a grader")
    await walk.fill(grader=grader)
    await walk.shows("string_check")
    await walk.chooses("run a grader")
    await walk.fill(grader=grader, model_sample="yes")
    await walk.shows("reward")
    await walk.lists("models", by="models")
    model = walk.call("GET", path)["fine_tuned_model"]
    await walk.reads(model)
    await walk.on(model)
    await walk.press("ctrl+d")
    await walk.drive.until(lambda: walk.drive.armed, "the dialog to listen")
    await walk.drive.type(model)
    await walk.press("enter")
    await walk.drive.until(lambda: model not in walk.ids(), "the model to go")
    assert model not in [each["id"] for each in walk.call("GET", "/models")["data"]]


@does(
    *("listVectorStores", "getVectorStore", "createVectorStore", "searchVectorStore", "modifyVectorStore"),
    *("deleteVectorStore", "listVectorStoreFiles", "getVectorStoreFile", "createVectorStoreFile"),
    *("createVectorStoreFileBatch", "retrieveVectorStoreFileContent", "updateVectorStoreFileAttributes"),
    *("deleteVectorStoreFile", "getVectorStoreFileBatch", "listFilesInVectorStoreBatch"),
)
async def stores(walk: Walk, folder: Path) -> None:
    cat, dog = (uploaded(walk, f"{word}.txt", f"All there is to know of the {word}.") for word in ("cat", "dog"))
    await walk.lists("vector-stores", by="vs")
    id_ = await walk.makes(name="pets")
    path = f"/vector_stores/{id_}"
    await walk.reads(id_)
    await walk.press("e")
    await walk.fill(name="animals")
    await walk.holds("the new name", path, "name", is_="animals")
    await walk.lists("store-files", "enter")
    assert await walk.makes(file_id=cat) == cat
    await walk.holds("the file to be read", f"{path}/files/{cat}", "status", is_="completed")
    await walk.reads(cat)
    await walk.press("enter")
    await walk.shows("to know of the cat")
    await walk.press("e")
    await walk.fill(attributes='{"legs": 4}')
    await walk.holds("the attributes", f"{path}/files/{cat}", "attributes", is_={"legs": 4})
    await walk.removes(cat)
    await walk.lists("file-batches", by=f"file-batches {id_}")
    batch = await walk.makes(file_ids=dog)
    await walk.reads(batch)
    await walk.lists("file-batch-files", "enter")
    await walk.on(dog)
    await walk.lists("vector-stores", by="vs")
    await walk.on(id_)
    await walk.press("F")
    await walk.drive.sees("What to look for")
    await walk.drive.type("dog")
    await walk.press("enter")
    await walk.drive.sees("to know of the dog")
    await walk.press("escape", "escape")
    await walk.removes(id_)
    assert id_ not in [store["id"] for store in walk.call("GET", "/vector_stores")["data"]]


@does("cancelVectorStoreFileBatch", slowly=True)
async def stopped_reading(walk: Walk, folder: Path) -> None:
    store = walk.call("POST", "/vector_stores", json={"name": "slow"})["id"]
    file = uploaded(walk, "long.txt", "word " * 200_000)
    await walk.lists("file-batches", by=f"file-batches {store}")
    id_ = await walk.makes(file_ids=file)
    await walk.agrees("ctrl+x")
    path = f"/vector_stores/{store}/file_batches/{id_}"
    await walk.holds("the batch to stop", path, "status", is_="cancelled")


@does(
    *("createResponse", "getResponse", "deleteResponse", "Getinputtokencounts", "Compactconversation"),
    "listInputItems",
)
async def responses(walk: Walk, folder: Path) -> None:
    await walk.lists("responses", by="responses")
    id_ = await walk.makes(input="Hello there")
    assert walk.call("GET", f"/responses/{id_}")["status"] == "completed"
    await walk.reads(id_)
    await walk.lists("input-items", "l")
    await walk.drive.sees("Hello there")
    await walk.lists("responses", "escape")
    await walk.chooses("count tokens")
    await walk.fill(input="Hello there")
    await walk.shows("input_tokens")
    await walk.on(id_)
    await walk.chooses("compact")
    await walk.fill(input="Hello there")
    await walk.shows("response.compaction")
    await walk.removes(id_)


@does("cancelResponse", slowly=True)
async def stopped_response(walk: Walk, folder: Path) -> None:
    await walk.lists("responses", by="responses")
    body = {"model": "gpt-5-mini", "input": "Write a long report.", "background": True}
    id_ = walk.call("POST", "/responses", json=body)["id"]
    await walk.drive.command(f"open {id_}")
    await walk.drive.until(lambda: walk.drive.record and walk.drive.record.id == id_, "the response")
    await walk.agrees("ctrl+x")
    await walk.holds("the response to stop", f"/responses/{id_}", "status", is_="cancelled")


@does(
    *("createConversation", "getConversation", "updateConversation", "deleteConversation"),
    *("listConversationItems", "getConversationItem", "createConversationItems", "deleteConversationItem"),
)
async def conversations(walk: Walk, folder: Path) -> None:
    await walk.lists("conversations", by="conversations")
    id_ = await walk.makes(metadata="a=b")
    path = f"/conversations/{id_}"
    await walk.reads(id_)
    await walk.press("e")
    await walk.fill(metadata="c=d")
    await walk.holds("the metadata", path, "metadata", is_={"c": "d"})
    await walk.lists("conversation-items", "enter")
    item = await walk.makes()
    assert [each["id"] for each in walk.call("GET", f"{path}/items")["data"]] == [item]
    await walk.reads(item)
    await walk.removes(item)
    assert not walk.call("GET", f"{path}/items")["data"]
    await walk.lists("conversations", by="conversations")
    await walk.removes(id_)


@does(
    *("listChatCompletions", "getChatCompletion", "createChatCompletion", "updateChatCompletion"),
    *("deleteChatCompletion", "getChatCompletionMessages"),
)
async def completions(walk: Walk, folder: Path) -> None:
    await walk.lists("completions", by="completions")
    id_ = await walk.makes()
    await walk.reads(id_)
    await walk.press("e")
    await walk.fill(metadata="c=d")
    await walk.holds("the metadata", f"/chat/completions/{id_}", "metadata", is_={"c": "d"})
    await walk.lists("completion-messages", "l")
    await walk.drive.sees("Say hello.")
    await walk.lists("completions", "escape")
    await walk.removes(id_)
    assert id_ not in [each["id"] for each in walk.call("GET", "/chat/completions")["data"]]


# Said in full: a form that starts from another eval has that one's.
EVAL = {
    "data_source_config": json.dumps(
        {
            "type": "custom",
            "item_schema": {
                "type": "object",
                "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
                "required": ["question", "answer"],
            },
            "include_sample_schema": True,
        }
    ),
    "testing_criteria": json.dumps(
        [
            {
                "type": "string_check",
                "name": "same answer",
                "input": "{{sample.output_text}}",
                "operation": "ilike",
                "reference": "{{item.answer}}",
            }
        ]
    ),
}


def source(walk: Walk, rows: int) -> str:
    row = json.dumps({"item": {"question": "Capital?", "answer": "Bern"}})
    file = uploaded(walk, "items.jsonl", "\n".join([row] * rows), "evals")
    template = {"type": "template", "template": [{"role": "user", "content": "{{item.question}}"}]}
    from_file = {"type": "file_id", "id": file}
    return json.dumps(
        {"type": "completions", "model": "gpt-5-mini", "source": from_file, "input_messages": template}
    )


@does(
    *("listEvals", "getEval", "createEval", "updateEval", "deleteEval", "getEvalRuns", "getEvalRun"),
    *("createEvalRun", "deleteEvalRun", "getEvalRunOutputItems", "getEvalRunOutputItem"),
)
async def evals(walk: Walk, folder: Path) -> None:
    await walk.lists("evals", by="evals")
    id_ = await walk.makes(name="capitals", **EVAL)
    path = f"/evals/{id_}"
    await walk.reads(id_)
    await walk.press("e")
    await walk.fill(name="towns")
    await walk.holds("the new name", path, "name", is_="towns")
    await walk.lists("eval-runs", "enter")
    run = await walk.makes(data_source=source(walk, 2))
    await walk.holds("the run to end", f"{path}/runs/{run}", "status", is_="completed")
    await walk.reads(run)
    await walk.lists("eval-items", "enter")
    items = walk.call("GET", f"{path}/runs/{run}/output_items")["data"]
    await walk.reads(items[0]["id"])
    await walk.lists("eval-runs", "escape")
    await walk.removes(run)
    assert not walk.call("GET", f"{path}/runs")["data"]
    await walk.lists("evals", by="evals")
    await walk.removes(id_)


@does("cancelEvalRun", slowly=True)
async def stopped_eval(walk: Walk, folder: Path) -> None:
    await walk.lists("evals", by="evals")
    await walk.makes(name="slow", **EVAL)
    await walk.lists("eval-runs", "enter")
    run = await walk.makes(data_source=source(walk, 100))
    await walk.agrees("ctrl+x")
    parent = walk.drive.record.raw["eval_id"]
    await walk.holds("the run to stop", f"/evals/{parent}/runs/{run}", "status", is_="canceled")


@does(
    *("listAssistants", "getAssistant", "createAssistant", "modifyAssistant", "deleteAssistant"),
    *("createThreadAndRun", "createThread", "getThread", "modifyThread", "deleteThread"),
    *("listMessages", "getMessage", "createMessage", "modifyMessage", "deleteMessage"),
    *("listRuns", "getRun", "createRun", "submitToolOuputsToRun", "modifyRun", "listRunSteps", "getRunStep"),
)
async def assistants(walk: Walk, folder: Path) -> None:
    await walk.lists("assistants", by="assistants")
    tools = json.dumps([{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}])
    helper = await walk.makes(name="Helper", tools=tools)
    await walk.reads(helper)
    await walk.press("e")
    await walk.fill(name="Guide")
    await walk.holds("the new name", f"/assistants/{helper}", "name", is_="Guide")
    await walk.press("R")
    await walk.fill()
    await walk.lists("threads", by="threads")
    thread = await walk.makes(metadata="a=b")
    path = f"/threads/{thread}"
    await walk.reads(thread)
    await walk.press("e")
    await walk.fill(metadata="c=d")
    await walk.holds("the metadata", path, "metadata", is_={"c": "d"})
    await walk.lists("messages", by=f"messages {thread}")
    message = await walk.makes(content="How is the weather?")
    await walk.reads(message)
    await walk.press("e")
    await walk.fill(metadata="e=f")
    await walk.holds("the metadata", f"{path}/messages/{message}", "metadata", is_={"e": "f"})
    await walk.lists("runs", by=f"runs {thread}")
    run = await walk.makes(assistant_id=helper, tool_choice="required")
    await walk.holds("the run to wait", f"{path}/runs/{run}", "status", is_="requires_action")
    await walk.reads(run)
    await walk.press("s")
    await walk.fill(output_weather_1="Sunny.")
    await walk.holds("the run to end", f"{path}/runs/{run}", "status", is_="completed")
    await walk.press("e")
    await walk.fill(metadata="g=h")
    await walk.holds("the metadata", f"{path}/runs/{run}", "metadata", is_={"g": "h"})
    await walk.lists("steps", "enter")
    await walk.reads(walk.call("GET", f"{path}/runs/{run}/steps")["data"][0]["id"])
    await walk.lists("messages", by=f"messages {thread}")
    await walk.removes(message)
    await walk.lists("threads", by="threads")
    await walk.removes(thread)
    await walk.lists("assistants", by="assistants")
    await walk.removes(helper)


@does("cancelRun", slowly=True)
async def stopped_run(walk: Walk, folder: Path) -> None:
    helper = walk.call("POST", "/assistants", json={"model": "gpt-4.1"})["id"]
    thread = walk.call("POST", "/threads", json={"messages": [{"role": "user", "content": "Hello"}]})["id"]
    await walk.lists("runs", by=f"runs {thread}")
    run = await walk.makes(assistant_id=helper)
    await walk.agrees("ctrl+x")
    path = f"/threads/{thread}/runs/{run}"
    await walk.drive.until(lambda: walk.call("GET", path)["status"].startswith("cancel"), "the run to stop")


@does(
    *("ListContainers", "RetrieveContainer", "CreateContainer", "DeleteContainer", "ListContainerFiles"),
    *("RetrieveContainerFile", "CreateContainerFile", "RetrieveContainerFileContent", "DeleteContainerFile"),
)
async def containers(walk: Walk, folder: Path) -> None:
    file = uploaded(walk, "a.txt", "in the box", "user_data")
    await walk.lists("containers", by="containers")
    id_ = await walk.makes(name="box")
    await walk.reads(id_)
    await walk.lists("container-files", "enter")
    held = await walk.makes(file_id=file)
    await walk.reads(held)
    await walk.press("enter")
    await walk.shows("in the box")
    await walk.removes(held)
    assert not walk.call("GET", f"/containers/{id_}/files")["data"]
    await walk.lists("containers", by="containers")
    await walk.removes(id_)


async def saves(walk: Walk, folder: Path) -> None:
    """Download what is under the cursor and see that it is a zip."""
    target = folder / f"down{len(list(folder.iterdir()))}"
    target.mkdir()
    await walk.press("D")
    await walk.drive.sees("Download to")
    await walk.press("backspace")
    await walk.drive.type(str(target))
    await walk.press("enter")
    kept = await walk.drive.until(lambda: list(target.glob("*[!t]")), "the download")
    assert zipfile.is_zipfile(kept[0])


@does(
    *("ListSkills", "GetSkill", "CreateSkill", "UpdateSkillDefaultVersion", "GetSkillContent", "DeleteSkill"),
    *(
        "ListSkillVersions",
        "GetSkillVersion",
        "CreateSkillVersion",
        "GetSkillVersionContent",
        "DeleteSkillVersion",
    ),
)
async def skills(walk: Walk, folder: Path) -> None:
    bundle = folder / "csv.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("csv/SKILL.md", "---\nname: csv\ndescription: Reads tables.\n---\nRead them.\n")
    await walk.lists("skills", by="skills")
    id_ = await walk.makes(files=str(bundle))
    await walk.reads(id_)
    await saves(walk, folder)
    await walk.lists("skill-versions", "enter")
    assert await walk.makes(files=str(bundle)) == "2"
    await walk.reads("2")
    await saves(walk, folder)
    await walk.lists("skills", by="skills")
    await walk.on(id_)
    await walk.press("e")
    await walk.fill(default_version="2")
    await walk.holds("the version", f"/skills/{id_}", "default_version", is_="2")
    await walk.lists("skill-versions", "enter")
    await walk.removes("1")
    await walk.lists("skills", by="skills")
    await walk.removes(id_)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("script", SCRIPTS.operations, ids=lambda script: script.__name__)
async def test_done_from_the_keyboard(script: Script, quick: Server, slow: Server, tmp_path: Path) -> None:
    server = slow if script in SCRIPTS.slow else quick
    async with opened(server, size=(80, 24)) as drive:
        await SCRIPTS.run(script, drive, server, tmp_path)


def test_every_operation_is_driven() -> None:
    benches = {"createCompletion", "createEmbedding", "createModeration"}  # driven in test_bench
    assert SCRIPTS.driven == set(declared(Key.PROJECT)) - benches
