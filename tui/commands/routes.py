"""Which screen shows what: from a place or an action to a class or function, imported when it is first opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.navigation.routes import Routes

if TYPE_CHECKING:
    from tui.screens.navigation.navigator import Navigator
    from tui.screens.navigation.routes import OpenWorkflow
    from tui.screens.places.base import PlaceScreen


def _listing() -> type[PlaceScreen]:
    from tui.screens.places.listing.screen import ResourceScreen

    return ResourceScreen


def _object() -> type[PlaceScreen]:
    from tui.screens.places.object import ObjectScreen

    return ObjectScreen


def _setting() -> type[PlaceScreen]:
    from tui.screens.places.setting import SettingScreen

    return SettingScreen


def _results() -> type[PlaceScreen]:
    from tui.screens.places.results.batch import ResultsScreen

    return ResultsScreen


def _usage() -> type[PlaceScreen]:
    from tui.screens.places.usage.screen import UsageScreen

    return UsageScreen


def _limits() -> type[PlaceScreen]:
    from tui.screens.places.limits.screen import LimitsScreen

    return LimitsScreen


def _audit() -> type[PlaceScreen]:
    from tui.screens.places.audit.screen import AuditScreen

    return AuditScreen


def _home() -> type[PlaceScreen]:
    from tui.screens.places.home.screen import HomeScreen

    return HomeScreen


def _due() -> type[PlaceScreen]:
    from tui.screens.places.due import DueScreen

    return DueScreen


def _files() -> type[PlaceScreen]:
    from tui.screens.places.files import FilesScreen

    return FilesScreen


def _storage() -> type[PlaceScreen]:
    from tui.screens.places.storage import StorageScreen

    return StorageScreen


def _tasks() -> type[PlaceScreen]:
    from tui.screens.places.tasks import TasksScreen

    return TasksScreen


def _campaigns() -> type[PlaceScreen]:
    from tui.screens.places.campaigns import CampaignsScreen

    return CampaignsScreen


def _campaign_results() -> type[PlaceScreen]:
    from tui.screens.places.results.campaign import CampaignResultsScreen

    return CampaignResultsScreen


def _act_on_campaigns() -> OpenWorkflow:
    from tui.screens.places.campaigns import act_on_campaigns

    return act_on_campaigns


def _act_on_tasks() -> OpenWorkflow:
    from tui.screens.places.tasks import act_on_tasks

    return act_on_tasks


def _open_results() -> OpenWorkflow:
    from tui.screens.places.results.batch import open_results

    return open_results


def _open_bench() -> OpenWorkflow:
    from tui.screens.workflows.bench import open_bench

    return open_bench


def _open_comparison() -> OpenWorkflow:
    from tui.screens.workflows.compare import open_comparison

    return open_comparison


def _open_difference() -> OpenWorkflow:
    from tui.screens.workflows.difference import open_difference

    return open_difference


def _open_overlay() -> OpenWorkflow:
    from tui.screens.workflows.overlay import open_overlay

    return open_overlay


def _answer_tool_calls() -> OpenWorkflow:
    from tui.screens.workflows.threads.tool_outputs import answer_tool_calls

    return answer_tool_calls


def _open_offboarding() -> OpenWorkflow:
    from tui.screens.workflows.plans.offboard import open_offboarding

    return open_offboarding


def _open_refused_batch() -> OpenWorkflow:
    from tui.screens.workflows.refused_batch import open_refused_batch

    return open_refused_batch


def _rotate_key() -> OpenWorkflow:
    from tui.screens.workflows.rotate import rotate_key

    return rotate_key


def _open_search() -> OpenWorkflow:
    from tui.screens.workflows.store_search import open_search

    return open_search


def _open_thread() -> OpenWorkflow:
    from tui.screens.workflows.threads.thread import open_thread

    return open_thread


def _begin_with_file() -> OpenWorkflow:
    from tui.screens.workflows.begin_with_file import begin_with_file

    return begin_with_file


def _fill_store() -> OpenWorkflow:
    from tui.screens.workflows.store_folder import fill_store

    return fill_store


def _take_out_family() -> OpenWorkflow:
    from tui.screens.workflows.takeout import take_out_family

    return take_out_family


def _open_talk() -> OpenWorkflow:
    from tui.screens.workflows.threads.talk import open_talk

    return open_talk


ROUTES: Routes[Navigator] = Routes(
    listing=_listing,
    object=_object,
    setting=_setting,
    screens={
        "home": _home,
        "due": _due,
        "files": _files,
        "storage": _storage,
        "tasks": _tasks,
        "campaigns": _campaigns,
        "campaign_results": _campaign_results,
        "results": _results,
        "usage": _usage,
        "limits": _limits,
        "audit": _audit,
    },
    combined=frozenset({"home", "due", "files", "tasks"}),
    workflows={
        "begin_with_file": _begin_with_file,
        "bench": _open_bench,
        "campaigns": _act_on_campaigns,
        "compare": _open_comparison,
        "difference": _open_difference,
        "offboard": _open_offboarding,
        "overlay": _open_overlay,
        "refused": _open_refused_batch,
        "results": _open_results,
        "rotate": _rotate_key,
        "search_bench": _open_search,
        "store_folder": _fill_store,
        "takeout": _take_out_family,
        "talk": _open_talk,
        "tasks": _act_on_tasks,
        "thread": _open_thread,
        "tool_outputs": _answer_tool_calls,
    },
)
