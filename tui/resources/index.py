"""The index of all resources: what each is called and what its ids begin with, known before any is declared.

A declaration imports the models of its family, and most are never needed. `tests/resources/test_index.py` holds
each line against its declaration.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A resource as far as it is known without its declaration."""

    name: str
    module: str
    """Where it is declared, below `tui.resources`."""
    aliases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    """What its ids begin with."""


RESOURCES = (
    Entry("batches", "batch.batches", ("b", "ba", "batch"), ("batch_", "batch-")),
    Entry("files", "files", ("f", "file"), ("file-", "file_")),
    Entry("fine-tuning", "fine_tuning.jobs", ("ft", "tuning", "job", "jobs", "fine-tunes"), ("ftjob-",)),
    Entry("events", "fine_tuning.events", ("ev", "event")),
    Entry("checkpoints", "fine_tuning.checkpoints", ("cp", "checkpoint"), ("ftckpt_",)),
    Entry("permissions", "fine_tuning.checkpoints", ("permission", "checkpoint-permissions"), ("cp_",)),
    Entry("models", "models", ("mo", "model"), ("ft:",)),
    Entry("vector-stores", "vector_stores.stores", ("vs", "store", "stores", "vector-store"), ("vs_",)),
    Entry("store-files", "vector_stores.store_files", ("vsf", "store-file", "vector-store-files")),
    Entry("file-batches", "vector_stores.file_batches", ("vsb", "file-batch"), ("vsfb_",)),
    Entry("file-batch-files", "vector_stores.file_batches", ("vsbf",)),
    Entry("responses", "generation.responses", ("resp", "response"), ("resp_", "resp-")),
    Entry("input-items", "generation.responses", ("ii", "input-item")),
    Entry("conversations", "generation.conversations", ("conv", "conversation"), ("conv_",)),
    Entry("conversation-items", "generation.conversations", ("ci", "conversation-item")),
    Entry("completions", "generation.chat", ("cc", "completion", "chat-completions"), ("chatcmpl-",)),
    Entry("completion-messages", "generation.chat", ("ccm",)),
    Entry("evals", "evals.evals", ("eval",), ("eval_",)),
    Entry("eval-runs", "evals.runs", ("er", "eval-run"), ("evalrun_",)),
    Entry("eval-items", "evals.items", ("ei", "output-items", "eval-item"), ("outputitem_",)),
    Entry("assistants", "assistants.assistants", ("as", "assistant"), ("asst_",)),
    Entry("threads", "assistants.threads", ("th", "thread"), ("thread_",)),
    Entry("messages", "assistants.threads", ("msg", "message"), ("msg_",)),
    Entry("runs", "assistants.runs", ("run",), ("run_",)),
    Entry("steps", "assistants.runs", ("st", "step", "run-steps"), ("step_",)),
    Entry("containers", "containers", ("cntr", "container"), ("cntr_",)),
    Entry("container-files", "containers", ("cf", "container-file"), ("cfile_",)),
    Entry("skills", "skills", ("sk", "skill"), ("skill_",)),
    Entry("skill-versions", "skills", ("sv", "skill-version")),
    Entry("projects", "organization.projects", ("proj", "project"), ("proj_",)),
    Entry("project-keys", "organization.keys", ("pk", "project-key"), ("key_",)),
    Entry("project-users", "organization.members", ("pu", "members")),
    Entry("service-accounts", "organization.members", ("sa", "service-account"), ("svc_acct_",)),
    Entry("rate-limits", "organization.limits", ("rl", "rate-limit"), ("rl-",)),
    Entry("project-certificates", "organization.certificates", ("pcert",)),
    Entry("project-groups", "organization.groups", ("pg",)),
    Entry("project-roles", "organization.roles", ("pr",)),
    Entry("project-models", "organization.permissions", ("model-permissions",)),
    Entry("project-tools", "organization.permissions", ("hosted-tools",)),
    Entry("project-retention", "organization.settings"),
    Entry("project-spend-limit", "organization.settings"),
    Entry("project-spend-alerts", "organization.settings"),
    Entry("project-user-roles", "organization.roles"),
    Entry("project-group-roles", "organization.roles"),
    Entry("users", "organization.people", ("u", "user", "people"), ("user-", "user_")),
    Entry("user-roles", "organization.roles"),
    Entry("invites", "organization.people", ("inv", "invite"), ("invite-", "invite_")),
    Entry("groups", "organization.groups", ("g", "group"), ("group_",)),
    Entry("group-users", "organization.groups", ("gu",)),
    Entry("group-roles", "organization.roles"),
    Entry("roles", "organization.roles", ("role",), ("role_",)),
    Entry("keys", "organization.keys", ("key", "api-keys")),
    Entry("limits", "organization.limits", ("matrix",)),
    Entry("admin-keys", "organization.admin_keys", ("ak", "admin-key")),
    Entry("certificates", "organization.certificates", ("cert", "certs", "certificate"), ("cert_",)),
    Entry("audit", "organization.audit", ("log", "audit-logs"), ("audit_log-",)),
    Entry("retention", "organization.settings", ("data-retention",)),
    Entry("spend-limit", "organization.settings"),
    Entry("spend-alerts", "organization.settings", ("spend-alert",), ("alert_",)),
    Entry("usage", "usage", ("us",)),
    Entry("costs", "usage", ("co", "cost", "spend")),
)

# Gathered from the lists of others: they can be gone to, and are no objects of the platform.
PLACES = (
    Entry("home", "home", ("pulse", "overview")),
    Entry("due", "due", ("ends", "stops")),
    Entry("storage", "storage"),
    Entry("tasks", "tasks", ("task", "transfers")),
    Entry("campaigns", "campaigns", ("campaign", "ca")),
)

# Those whose objects may need their owner, and those with an end: home asks for no others; and all that stand by
# themselves, which are compared with the last visit.
NEEDING = {
    *("batches", "files", "fine-tuning", "models", "vector-stores", "completions"),
    *("invites", "keys", "admin-keys", "certificates"),
}
COMPARED = {
    *NEEDING,
    *("evals", "assistants", "containers", "skills", "projects", "users", "groups", "roles", "spend-alerts"),
}
ENDING = {
    *("batches", "files", "models", "vector-stores", "evals", "assistants", "threads", "containers"),
    *("invites", "keys", "admin-keys", "certificates"),
}
