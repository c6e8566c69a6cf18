"""Every route of the pages, with what stands in its address: a page that is added is walked without being listed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cast import NIORT, STRANDS, Cast
from departures import leave
from fastapi.routing import APIRoute
from site_of_tests import Site

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from models.party import PartyDeparture
from models.sign_off import SignOff
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from web.access import demo as demo_page
from web.app import ROUTERS
from web.rights import Permission, permission_of


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. ``act`` is what the table of rights is asked; None: no role is needed."""

    method: str
    path: str
    act: Permission | None
    guards: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def every_route() -> list[Route]:
    """Those of the pages, the demonstration's too; the API has tests of its own (it knows no cookie)."""
    return [
        Route(method, route.path, _permission(route), frozenset(_guards(route)))
        for router in (*ROUTERS, demo_page.router)
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods - {"HEAD"})
    ]


def _calls(dependant: Any) -> Iterator[Callable[..., Any]]:
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from _calls(each)


def _permission(route: APIRoute) -> Permission | None:
    acts = [act for call in _calls(route.dependant) if (act := permission_of(call))]
    assert len(acts) <= 1, f"{route.path}: {acts}"
    return acts[0] if acts else None


def _guards(route: APIRoute) -> Iterator[str]:
    """The names of what is asked before the page: ``signed_in``, ``our_form``, ``from_our_page``…"""
    yield from (getattr(call, "__name__", "") for call in _calls(route.dependant))


def address(route: Route, words: dict[str, str]) -> str:
    """Its address: said whole for this path, or each part of it; those of the longest beginning of its path first."""
    if route.path in words:
        return words[route.path]
    for start in sorted((one for one in words if one.startswith("/")), key=len):
        if route.path.startswith(start):
            words = words | {"number": words[start]}
    names = re.findall(r"{(\w+)(?::\w+)?}", route.path)
    unknown = [name for name in names if name not in words]
    assert not unknown, f"{route}: dites dans words_of ce que vaut {unknown}"
    return re.sub(r"{(\w+)(?::\w+)?}", lambda match: words[match[1]], route.path)


def words_of(site: Site) -> dict[str, str]:
    """What stands in the addresses of this site."""
    cast = site.cast
    signed = cast.all(SignOff, SignOff.proof_sha256 != None)[0]  # noqa: E711 -- the receipt of an act on paper
    deliverable = cast.deliverable("diagnostic", NIORT)
    strand = f"/projets/{cast.slug}/etapes/consultation/volets/{NIORT}/{STRANDS[0]}"
    return {
        "slug": cast.slug,
        "key": "territorial_diagnosis",
        "deliverable_id": str(deliverable.id),
        "number": "1",
        "sign_off_id": str(signed.id),  # type: ignore[attr-defined]
        "meeting_id": str(_convened(cast)),
        "delegation_id": str(_delegated(cast)),
        "departure_id": str(_departed(cast)),
        "comment_id": "1",
        "commitment_id": "1",
        "person_id": str(cast.outsider.person_id),
        "code": NIORT,
        "party": NIORT,
        "publication_id": "1",
        "session_id": "1",
        "token_id": "1",
        "token": "inconnu",
        "name": "villes",
        "/aide/images/{name}.png": "/aide/images/villes-valider.png",
        "/confirmations/": str(_to_confirm(cast)),
        "/projets/{slug}/engagements/": str(_kept_with_a_file(cast)),
        "/projets/{slug}/etapes/consultation/volets/{party}/{key}": strand,
    }


def _delegated(cast: Cast) -> int:
    """The number of a delegation of Niort."""
    cast.delegate(NIORT)
    return cast.all(SignatureDelegation)[0].id  # type: ignore[attr-defined, no-any-return]


def _to_confirm(cast: Cast) -> int:
    """The number of a delegation that the contact of Niort proposes, with its order: the mayor or an agent confirms."""
    cast.register("conseiller@niort.example", "Noé Lambert")
    order = DelegationRequest(
        authority_code=NIORT,
        delegate_email="conseiller@niort.example",
        order_reference="Arrêté 2026-121",
        scope="lessons_learned",
        valid_from=cast.today,
        valid_until=cast.today + timedelta(days=365),
        to_elected=True,
        order_file=cast.files.receive_path(cast.write("arrêté.", "arrete.pdf")),
    )
    return identity(delegate_signature(cast.db, cast.contact(NIORT), order, now=cast.now))


def _departed(cast: Cast) -> int:
    """The number of the departure of a city that had come in, while cities come in and leave."""
    if not cast.project().status.is_before_follow_up:
        return 1
    cast.let_in("59350", "Lille")
    leave(cast, "59350")
    return identity(cast.all(PartyDeparture)[0])  # type: ignore[arg-type]


def _convened(cast: Cast) -> int:
    """The number of a meeting to come."""
    starts_at = cast.now + timedelta(days=20)
    plan = MeetingPlan(cast.slug, "Comité de pilotage", starts_at, starts_at + timedelta(hours=2))
    return identity(convene_meeting(cast.db, cast.agent, plan, now=cast.now))


def _kept_with_a_file(cast: Cast) -> int:
    """The number of a commitment of Niort, its proof a document."""
    commitment = cast.commitments(owner=NIORT)[0]
    proof = cast.files.receive_path(cast.write("La maison est ouverte.", "preuve.txt"))
    with proof:
        evidence = Evidence(identity(commitment), "Elle est ouverte.", proof)
        keep_commitment(cast.db, cast.contact(NIORT), evidence, now=cast.now)
    return identity(commitment)
