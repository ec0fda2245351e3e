"""Certificates for mutual TLS: uploaded once, then switched on for the organization or for single projects.

https://platform.openai.com/docs/api-reference/certificates
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field as Input

from tui.resources.language.action import Action, Call, Risk
from tui.resources.language.asking.inputs import TextFile
from tui.resources.language.cells import NO_VALUE, duration, instant, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Request, Time
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.resource import Resource
from tui.resources.organization.common import (
    AGE,
    ORGANIZATION,
    PROJECT,
    SOON,
    NamedObject,
    Rename,
    admin,
    expiry,
    identity_section,
    switch,
)

if TYPE_CHECKING:
    from tui.api.operation import Operation
    from tui.resources.language.objects import Record


class Details(Object):
    """What the certificate itself says."""

    valid_at: Time = None
    expires_at: Time = None


class Certificate(NamedObject):
    """A certificate as the platform returns it."""

    active: bool | None = None
    certificate_details: Details | None = None


def find_certificate_fault(text: str) -> str | None:
    """Return why a text cannot be sent as a certificate, or None. A private key must never be."""
    if "PRIVATE KEY-----" in text:
        return "This holds a private key, which must stay here: give the certificate alone."
    if "-----BEGIN CERTIFICATE-----" not in text:
        return "This is no certificate in PEM form: it has no line -----BEGIN CERTIFICATE-----."
    return None


class UploadCertificate(Request):
    """The request that adds a certificate."""

    certificate: Annotated[str, TextFile(find_certificate_fault)] = Input(
        description="The path of a PEM file on this machine, or its text."
    )
    name: Rename = None


class EditCertificate(Request):
    """The request that renames a certificate."""

    name: Rename = None


def _expires(certificate: Certificate) -> float | None:
    return certificate.certificate_details.expires_at if certificate.certificate_details else None


def _state(value: object, record: Record, context: CellContext) -> Cell:
    details = record.object.certificate_details or Details()
    if details.expires_at and details.expires_at <= context.now:
        return Cell("✖ expired, active" if value else "■ expired", "bad" if value else "dim")
    if value and details.valid_at and details.valid_at > context.now:
        return Cell("▲ not valid yet", "warn")
    return switch(value, record, context) if value is not None else NO_VALUE


def _attention(certificate: Certificate, context: CellContext) -> str | None:
    ends = _expires(certificate)
    left = ends - context.now if certificate.active and ends else SOON
    return (
        None if left >= SOON else "active, and expired" if left <= 0 else f"active, and ends in {duration(left)}"
    )


def _warning(certificate: Certificate, context: CellContext) -> list[tuple[str, Cell]]:
    ends = _expires(certificate)
    if not certificate.active or not ends or ends - context.now > SOON:
        return []
    if ends <= context.now:
        return [("", Cell("It is active and has expired: clients that present it are refused.", "bad"))]
    return [("", Cell(f"It is active and ends in {duration(ends - context.now)}.", "warn"))]


def _declare_toggles(scope: str, on: Operation, off: Operation) -> tuple[Action[Certificate], ...]:
    """Return the actions that switch certificates on and off, which may lock clients out of `scope`."""
    return (
        Action(
            "activate",
            "s",
            "activate",
            Call(on, ids="certificate_ids"),
            Risk.STOP,
            on="many",
            refuse=lambda certificate: "it is active already" if certificate.active else None,
            warn=lambda _: (
                f"From then on {scope} takes no request without an active certificate. "
                "Clients that present none are locked out, o9s among them."
            ),
        ),
        Action(
            "deactivate",
            "s",
            "deactivate",
            Call(off, ids="certificate_ids"),
            Risk.STOP,
            on="many",
            refuse=lambda certificate: None if certificate.active else "it is not active",
            warn=lambda _: (
                f"Clients of {scope} that present it are locked out at once, unless another one is active."
            ),
        ),
    )


_COLUMNS = (
    Column("STATE", "active", _state, 17),
    Column("NAME", "name", width=24, grow=True),
    Column("EXPIRES", _expires, expiry, 7, align="right"),
    AGE,
    Column("ID", "id", own_id, 17, drop_order=2),
)
_DETAIL = (
    Section("", lines=_warning),
    identity_section(
        "Certificate",
        Field("state", "active", _state),
        Field("valid from", lambda one: one.certificate_details.valid_at, instant),
        Field("expires", _expires, instant),
        Field("uploaded", "created_at", instant),
    ),
)
_ALL, _ONE = f"{ORGANIZATION}/certificates", f"{ORGANIZATION}/certificates/{{certificate_id}}"
_LOCAL = f"{PROJECT}/certificates"


def _refuse_delete(certificate: Certificate) -> str | None:
    return "it is active: deactivate it first" if certificate.active else None


CERTIFICATES: Resource[Certificate] = Resource(
    name="certificates",
    singular="certificate",
    family="Organization",
    model=Certificate,
    aliases=("cert", "certs", "certificate"),
    prefixes=("cert_",),
    list=admin("listOrganizationCertificates", "GET", _ALL),
    get=admin("getCertificate", "GET", _ONE),
    columns=_COLUMNS,
    title="name",
    attention=_attention,
    stops=_expires,
    ages=True,
    detail=_DETAIL,
    actions=(
        create(admin("uploadCertificate", "POST", _ALL, UploadCertificate), "upload"),
        edit(admin("modifyCertificate", "POST", _ONE, EditCertificate), "rename"),
        *_declare_toggles(
            "the organization",
            admin("activateOrganizationCertificates", "POST", f"{_ALL}/activate"),
            admin("deactivateOrganizationCertificates", "POST", f"{_ALL}/deactivate"),
        ),
        delete(
            admin("deleteCertificate", "DELETE", _ONE),
            "It must be inactive everywhere. This cannot be undone.",
            risk=Risk.GRAVE,
            refuse=_refuse_delete,
        ),
    ),
    empty="No certificates. Press n to upload one; it does nothing until it is activated.",
)

PROJECT_CERTIFICATES: Resource[Certificate] = Resource(
    name="project-certificates",
    singular="certificate",
    family="Organization",
    model=Certificate,
    aliases=("pcert",),
    parent="projects",
    list=admin("listProjectCertificates", "GET", _LOCAL),
    columns=_COLUMNS,
    title="name",
    attention=_attention,
    ages=True,
    detail=_DETAIL,
    actions=_declare_toggles(
        "this project",
        admin("activateProjectCertificates", "POST", f"{_LOCAL}/activate"),
        admin("deactivateProjectCertificates", "POST", f"{_LOCAL}/deactivate"),
    ),
    empty="The organization has no certificates; :certificates uploads one.",
)
