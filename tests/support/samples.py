"""One believable object of each resource, as the platform would send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.organization import ORGANIZATION
from tui.resources.language.column import CellContext

if TYPE_CHECKING:
    from tui.resources.language.resource import Resource

NOW = 1_790_000_000.0
CONTEXT = CellContext(NOW, rate=2.0)
COUNTS = {"in_progress": 1, "completed": 6, "failed": 1, "cancelled": 0, "total": 8}
ITEM = {
    "id": "msg_i1",
    "type": "message",
    "role": "user",
    "status": "completed",
    "content": [
        {"type": "input_text", "text": "What is in the box?"},
        {"type": "input_image", "file_id": "file-p"},
    ],
}
FUNCTION = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}

SAMPLES: dict[str, dict[str, Any]] = {
    "batches": {
        "id": "batch_1",
        "endpoint": "/v1/responses",
        "model": "gpt-5-mini",
        "status": "in_progress",
        "errors": {"data": [{"code": "invalid_url", "message": "no such url", "line": 3}]},
        "input_file_id": "file-1",
        "output_file_id": "file-2",
        "error_file_id": "",
        "completion_window": "24h",
        "created_at": NOW - 900,
        "in_progress_at": NOW - 800,
        "expires_at": NOW + 80_000,
        "request_counts": {"total": 100, "completed": 40, "failed": 2},
        "usage": {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
        "metadata": {"run": "nightly"},
    },
    "files": {
        "id": "file-1",
        "bytes": 1200,
        "created_at": NOW - 10,
        "expires_at": NOW + 1000,
        "filename": "a.jsonl",
        "purpose": "batch",
        "status": "processed",
        "status_details": None,
    },
    "fine-tuning": {
        "id": "ftjob-1",
        "created_at": NOW - 900,
        "estimated_finish": NOW + 900,
        "status": "running",
        "model": "gpt-4.1-mini-2025-04-14",
        "training_file": "file-1",
        "result_files": ["file-3"],
        "method": {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 3, "beta": "auto"}}},
        "error": {"code": None, "message": None},
        "seed": 7,
        "metadata": {},
    },
    "events": {
        "id": "ftevent-1",
        "created_at": NOW - 5,
        "level": "info",
        "type": "metrics",
        "message": "Step 3",
        "data": {"step": 3, "train_loss": 0.5, "train_mean_token_accuracy": 0.9},
    },
    "checkpoints": {
        "id": "ftckpt_1",
        "created_at": NOW - 5,
        "fine_tuned_model_checkpoint": "ft:gpt-4.1-mini-2025-04-14:acme::c1:ckpt-step-10",
        "fine_tuning_job_id": "ftjob-1",
        "step_number": 10,
        "metrics": {"step": 10, "train_loss": 0.4},
    },
    "permissions": {"id": "cp_1", "created_at": NOW - 5, "project_id": "proj_1"},
    "models": {"id": "ft:gpt-4.1:acme::1", "created": NOW - 5, "owned_by": "acme", "shutdown_date": "2027-01-14"},
    "vector-stores": {
        "id": "vs_1",
        "name": "handbook",
        "status": "in_progress",
        "usage_bytes": 12_000,
        "file_counts": COUNTS,
        "expires_after": {"anchor": "last_active_at", "days": 7},
        "expires_at": NOW + 86_400,
        "last_active_at": NOW - 30,
        "created_at": NOW - 4000,
        "metadata": {"team": "docs"},
    },
    "store-files": {
        "id": "file-1",
        "vector_store_id": "vs_1",
        "status": "failed",
        "usage_bytes": 0,
        "last_error": {"code": "unsupported_file", "message": "Not a text."},
        "chunking_strategy": {
            "type": "static",
            "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
        },
        "attributes": {"year": 2026, "draft": False, "by": "a,b"},
        "created_at": NOW - 40,
    },
    "file-batches": {
        "id": "vsfb_1",
        "vector_store_id": "vs_1",
        "status": "in_progress",
        "file_counts": COUNTS,
        "created_at": NOW - 40,
    },
    "responses": {
        "id": "resp_1",
        "status": "incomplete",
        "model": "gpt-5-mini",
        "background": True,
        "created_at": NOW - 40,
        "completed_at": NOW - 30,
        "error": {"code": "server_error", "message": "Sorry."},
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [
            {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Thinking."}]},
            {"id": "fc_1", "type": "function_call", "name": "weather", "arguments": "{}"},
            {
                "id": "msg_2",
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "A cat.\nOr not."}],
            },
        ],
        "previous_response_id": "resp_0",
        "conversation": {"id": "conv_1"},
        "usage": {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
        "metadata": {"a": "b"},
    },
    "input-items": ITEM,
    "conversations": {"id": "conv_1", "created_at": NOW - 40, "metadata": {"topic": "cats"}},
    "conversation-items": {"id": "fco_1", "type": "function_call_output", "output": "12 °C", "call_id": "call_1"},
    "completions": {
        "id": "chatcmpl-1",
        "created": NOW - 40,
        "model": "gpt-5-mini",
        "choices": [
            {
                "index": 0,
                "finish_reason": "length",
                "message": {"role": "assistant", "content": "Hello", "refusal": None, "tool_calls": [FUNCTION]},
            }
        ],
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
        "service_tier": "default",
        "metadata": {"a": "b"},
    },
    "completion-messages": {"id": "chatcmpl-1-0", "role": "user", "content": "Say hello."},
    "evals": {
        "id": "eval_1",
        "name": "capitals",
        "created_at": NOW - 40,
        "data_source_config": {
            "type": "custom",
            "schema": {
                "type": "object",
                "properties": {"item": {"type": "object", "properties": {"answer": {"type": "string"}}}},
            },
        },
        "testing_criteria": [
            {"type": "string_check", "name": "same", "operation": "ilike", "reference": "{{item.answer}}"},
            {"type": "score_model", "name": "judge", "model": "gpt-5", "pass_threshold": 0.5},
        ],
        "metadata": {"a": "b"},
    },
    "eval-runs": {
        "id": "evalrun_1",
        "eval_id": "eval_1",
        "status": "in_progress",
        "model": "gpt-5-mini",
        "name": "first",
        "created_at": NOW - 40,
        "report_url": "https://platform.openai.com/evaluations/eval_1",
        "result_counts": {"total": 10, "passed": 6, "failed": 3, "errored": 1},
        "per_model_usage": [{"model_name": "gpt-5-mini", "invocation_count": 10, "total_tokens": 1000}],
        "per_testing_criteria_results": [{"testing_criteria": "same", "passed": 6, "failed": 3}],
        "data_source": {"type": "completions"},
        "error": {"code": "x", "message": "y"},
        "metadata": {"a": "b"},
    },
    "eval-items": {
        "id": "outputitem_1",
        "run_id": "evalrun_1",
        "eval_id": "eval_1",
        "created_at": NOW - 40,
        "status": "fail",
        "datasource_item_id": 3,
        "datasource_item": {"question": "Capital of France?", "answer": "Paris"},
        "results": [
            {"name": "same", "score": 0.0, "passed": False},
            {"name": "judge", "score": 1, "passed": True},
        ],
        "sample": {
            "input": [{"role": "user", "content": "Capital of France?"}],
            "output": [{"role": "assistant", "content": "Lyon"}],
            "finish_reason": "stop",
            "model": "gpt-5-mini",
            "error": {"code": "", "message": ""},
        },
    },
    "assistants": {
        "id": "asst_1",
        "name": "Helper",
        "description": "Helps.",
        "model": "gpt-4.1",
        "instructions": "Be kind.\nBe short.",
        "tools": [{"type": "file_search"}, {"type": "function", "function": {"name": "weather"}}],
        "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
        "metadata": {"a": "b"},
        "temperature": 0.5,
        "top_p": 1.0,
        "reasoning_effort": None,
        "response_format": "auto",
        "created_at": NOW - 40,
    },
    "threads": {
        "id": "thread_1",
        "created_at": NOW - 40,
        "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}},
        "metadata": {"a": "b"},
    },
    "messages": {
        "id": "msg_1",
        "thread_id": "thread_1",
        "assistant_id": "asst_1",
        "run_id": "run_1",
        "role": "assistant",
        "status": "incomplete",
        "incomplete_details": {"reason": "max_tokens"},
        "content": [
            {"type": "text", "text": {"value": "See the plan.", "annotations": []}},
            {"type": "image_file", "image_file": {"file_id": "file-9"}},
        ],
        "attachments": [{"file_id": "file-1", "tools": [{"type": "file_search"}]}],
        "metadata": {"a": "b"},
        "created_at": NOW - 40,
    },
    "runs": {
        "id": "run_1",
        "thread_id": "thread_1",
        "assistant_id": "asst_1",
        "model": "gpt-4.1",
        "status": "requires_action",
        "required_action": {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [FUNCTION]}},
        "last_error": {"code": "server_error", "message": "Sorry."},
        "incomplete_details": {"reason": "max_prompt_tokens"},
        "instructions": "Be kind.",
        "created_at": NOW - 40,
        "started_at": NOW - 39,
        "expires_at": NOW + 560,
        "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30},
        "metadata": {"a": "b"},
    },
    "steps": {
        "id": "step_1",
        "run_id": "run_1",
        "type": "tool_calls",
        "status": "completed",
        "step_details": {"type": "tool_calls", "tool_calls": [FUNCTION, {"type": "code_interpreter", "id": "c2"}]},
        "created_at": NOW - 40,
        "completed_at": NOW - 30,
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "metadata": None,
    },
    "containers": {
        "id": "cntr_1",
        "name": "sandbox",
        "status": "running",
        "created_at": NOW - 400,
        "last_active_at": NOW - 40,
        "expires_after": {"anchor": "last_active_at", "minutes": 20},
        "memory_limit": "1g",
        "network_policy": {"type": "allowlist", "allowed_domains": ["example.org"]},
    },
    "container-files": {
        "id": "cfile_1",
        "container_id": "cntr_1",
        "bytes": 880,
        "path": "/mnt/data/plot.png",
        "source": "assistant",
        "created_at": NOW - 40,
    },
    "skills": {
        "id": "skill_1",
        "name": "csv",
        "description": "Reads tables.",
        "default_version": "1",
        "latest_version": "2",
        "created_at": NOW - 40,
    },
    "skill-versions": {
        "id": "skillver_1",
        "skill_id": "skill_1",
        "version": "2",
        "name": "csv",
        "description": "Reads tables.",
        "created_at": NOW - 40,
    },
}
SAMPLES |= ORGANIZATION
SAMPLES["file-batch-files"] = SAMPLES["store-files"]


def sample_of(resource: Resource) -> dict[str, Any]:
    """An object of a resource; of one without a sample an object that has nothing but its id."""
    return SAMPLES.get(resource.name) or {resource.identify: f"{next(iter(resource.prefixes), '')}1"}
