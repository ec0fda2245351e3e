"""Certificates for mutual TLS: uploaded once, then switched on for the organization or for single projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.families.organization.audit.routes import record
from tui.sandbox.families.organization.certificates.x509 import read_certificate
from tui.sandbox.families.organization.common import (
    Name,
    Order,
    Strings,
    change,
    find_row,
    look,
    objects,
    page,
    project,
)
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Fields, Listing, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.sandbox.world import JSON, World

family = Family()

_MOST = 50
_ORGANIZATION = ""  # the scope of activations that hold for all projects


class CertificateQuery(Listing):
    """The query of the lists."""

    order: Order = "desc"


class OneQuery(Fields):
    """The query of one certificate."""

    include: Annotated[Strings, Field(max_length=1)] = []


class Upload(Body):
    """A certificate in PEM form."""

    certificate: str
    name: Name | None = None


class Rename(Body):
    """Another name."""

    name: Name | None = None


class Toggle(Body):
    """The certificates to switch on or off, all or none of them."""

    certificate_ids: Annotated[list[str], Field(min_length=1, max_length=10)]


def add_certificate(world: World, id_: str, name: str | None, pem: str, *, created: float) -> JSON:
    """Let a certificate appear. Raises ValueError when the PEM text holds none."""
    said = read_certificate(pem)
    certificate: JSON = {
        "object": "certificate",
        "id": id_,
        "name": name or said.name,
        "created_at": int(created),
        "certificate_details": {"valid_at": said.valid_at, "expires_at": said.expires_at},
    }
    world.put("certificate", certificate, created=created, facts={"content": pem})  # told only on request
    return certificate


def activate(world: World, certificate_id: str, project_id: str = _ORGANIZATION) -> None:
    """Switch a certificate on."""
    id_ = f"{project_id}/{certificate_id}"
    if not world.find("activation", id_):
        world.put("activation", id=id_, parent=certificate_id, facts={})


def _describe(world: World, certificate: JSON, project_id: str) -> JSON:
    """Return a certificate as lists show it, with whether it is active there."""
    active = world.find("activation", f"{project_id}/{certificate['id']}") is not None
    kind = "organization.project.certificate" if project_id else "organization.certificate"
    return {**certificate, "object": kind, "active": active}


@family.route("GET", "/organization/certificates", query=CertificateQuery)
def list_certificates(world: World, query: CertificateQuery) -> Answer:
    """List certificates, newest first."""
    return page([_describe(world, one, _ORGANIZATION) for one in objects(world, "certificate")], query)


@family.route("GET", "/organization/projects/{project_id}/certificates", query=CertificateQuery)
def list_project_certificates(world: World, project_id: str, query: CertificateQuery) -> Answer:
    """List the certificates that a project can use, newest first."""
    project(world, project_id)
    return page([_describe(world, one, project_id) for one in objects(world, "certificate")], query)


@family.route("POST", "/organization/certificates", body=Upload)
def upload_certificate(world: World, body: Upload) -> Answer:
    """Add a certificate; it is not active yet."""
    if len(list(world.rows("certificate"))) >= _MOST:
        raise Problem(f"An organization can have up to {_MOST} certificates.", code="certificate_limit_reached")
    id_ = world.new_id("cert_")
    try:
        certificate = add_certificate(world, id_, body.name, body.certificate, created=world.now())
    except ValueError as error:
        message = f"Invalid 'certificate': {error}."
        raise Problem(message, param="certificate", code="invalid_certificate") from None
    record(world, "certificate.created", {"id": id_, "name": certificate["name"]})
    return certificate


@family.route("GET", "/organization/certificates/{certificate_id}", query=OneQuery)
def retrieve_certificate(world: World, certificate_id: str, query: OneQuery) -> Answer:
    """Retrieve a certificate, on request with its text."""
    row = find_row(world, "certificate", certificate_id)
    if not query.include:
        return look(world, row)
    if query.include != ["content"]:
        message = f"Invalid value: '{query.include[0]}'. Supported values are: 'content'."
        raise Problem(message, param="include[0]", code="invalid_value")
    shown = look(world, row)
    details = shown.get("certificate_details") or {}
    return {**shown, "certificate_details": {**details, "content": row.known.get("content")}}


@family.route("POST", "/organization/certificates/{certificate_id}", body=Rename)
def modify_certificate(world: World, certificate_id: str, body: Rename) -> Answer:
    """Rename a certificate."""
    row = find_row(world, "certificate", certificate_id)
    if not body.name:
        return look(world, row)
    record(world, "certificate.updated", {"id": certificate_id, "name": body.name})
    return change(world, row, name=body.name)


@family.route("DELETE", "/organization/certificates/{certificate_id}")
def delete_certificate(world: World, certificate_id: str) -> Answer:
    """Delete a certificate that is active nowhere."""
    row = find_row(world, "certificate", certificate_id)
    if list(world.rows("activation", parent=certificate_id)):
        message = (
            "The certificate must be inactive for the organization and all projects before it can be deleted."
        )
        raise Problem(message, param="certificate_id", code="certificate_active")
    name = look(world, row).get("name")
    world.remove(row)
    record(
        world, "certificate.deleted", {"id": certificate_id, "name": name, "certificate": row.known.get("content")}
    )
    return {"object": "certificate.deleted", "id": certificate_id}


def _toggle(
    world: World, ids: Sequence[str], state: Literal["activation", "deactivation"], project_id: str
) -> Answer:
    """Switch certificates on or off. Nothing happens when one of them does not exist."""
    team = project(world, project_id, alive=True) if project_id else None
    rows = [find_row(world, "certificate", id_) for id_ in dict.fromkeys(ids)]
    for row in rows:
        if state == "activation":
            activate(world, row.id, project_id)
        elif active := world.find("activation", f"{project_id}/{row.id}"):
            world.remove(active)
    data = [_describe(world, look(world, row), project_id) for row in rows]
    told = [{"id": one["id"], "name": one.get("name")} for one in data]
    record(world, f"certificates.{state.removesuffix('ion')}ed", {"certificates": told}, team)
    scope = "organization.project" if project_id else "organization"
    return {"object": f"{scope}.certificate.{state}", "data": data}


@family.route("POST", "/organization/certificates/activate", body=Toggle)
def activate_certificates(world: World, body: Toggle) -> Answer:
    """Switch certificates on for the whole organization."""
    return _toggle(world, body.certificate_ids, "activation", _ORGANIZATION)


@family.route("POST", "/organization/certificates/deactivate", body=Toggle)
def deactivate_certificates(world: World, body: Toggle) -> Answer:
    """Switch certificates off for the whole organization."""
    return _toggle(world, body.certificate_ids, "deactivation", _ORGANIZATION)


@family.route("POST", "/organization/projects/{project_id}/certificates/activate", body=Toggle)
def activate_project_certificates(world: World, project_id: str, body: Toggle) -> Answer:
    """Switch certificates on for a project."""
    return _toggle(world, body.certificate_ids, "activation", project_id)


@family.route("POST", "/organization/projects/{project_id}/certificates/deactivate", body=Toggle)
def deactivate_project_certificates(world: World, project_id: str, body: Toggle) -> Answer:
    """Switch certificates off for a project."""
    return _toggle(world, body.certificate_ids, "deactivation", project_id)
