"""What the law asks of a council's deliberation: one refusal and one short function for each rule."""

from collections.abc import Callable
from datetime import date, timedelta

from models.council_deliberation import CouncilDeliberation
from models.refusal import Refusal

SECRETARY_SIGNS_SINCE = date(2022, 7, 1)
"""Ordonnance 2021-1310: from then on the secretary of the session signs with the mayor (CGCT L2121-23)."""


class UnlawfulDeliberation(Refusal):
    """A deliberation whose data break a rule; the subclass names the rule."""

    def __init__(self, deliberation: CouncilDeliberation, text: str) -> None:
        super().__init__(f"Délibération {deliberation.number} refusée : {text}.")


class DateInFuture(UnlawfulDeliberation):
    """A session, a publication or a transmission that has not happened yet."""


class ActedBeforeSession(UnlawfulDeliberation):
    """Published or transmitted before the council met."""


class MoreMembersThanSeats(UnlawfulDeliberation):
    """More members present and represented than in office."""


class TooManyProxies(UnlawfulDeliberation):
    """More proxies than members present to carry them (CGCT L2121-20)."""


class QuorumNotReached(UnlawfulDeliberation):
    """No majority of the members in office present (CGCT L2121-17)."""


class SecondConvocationTooEarly(UnlawfulDeliberation):
    """Less than three days after the session that failed (CGCT L2121-17)."""


class MoreVotesThanVoters(UnlawfulDeliberation):
    """More votes than members present or represented."""


class NotAdopted(UnlawfulDeliberation):
    """No absolute majority of the votes cast (CGCT L2121-20)."""


class SignatureMissing(UnlawfulDeliberation):
    """The mayor, or since July 2022 the secretary, has not signed (CGCT L2121-23)."""


def dates_have_come(deliberation: CouncilDeliberation, today: date) -> None:
    """Nothing is recorded before it happens."""
    for name, day in _dates(deliberation, session="séance"):
        if day is not None and day > today:
            text = f"sa date de {name}, {day}, est dans le futur ; corrigez la date ou attendez ce jour"
            raise DateInFuture(deliberation, text)


def acted_after_session(deliberation: CouncilDeliberation, _today: date) -> None:
    """An act is published and transmitted on the day of the session or later."""
    for name, day in _dates(deliberation):
        if day is not None and day < deliberation.session_date:
            text = f"sa date de {name}, {day}, précède la séance ({deliberation.session_date}) ; corrigez-la"
            raise ActedBeforeSession(deliberation, text)


def seats_suffice(deliberation: CouncilDeliberation, _today: date) -> None:
    """Present and represented members are members in office."""
    in_office = deliberation.members_in_office
    attending = (deliberation.present or 0) + (deliberation.represented or 0)
    if in_office is not None and attending > in_office:
        text = (
            f"{attending} membres présents ou représentés pour {in_office} en exercice ; "
            "vérifiez ces nombres sur le registre"
        )
        raise MoreMembersThanSeats(deliberation, text)


def one_proxy_each(deliberation: CouncilDeliberation, _today: date) -> None:
    """A councillor carries one proxy at most (CGCT L2121-20)."""
    present, represented = deliberation.present, deliberation.represented
    if present is not None and represented is not None and represented > present:
        text = (
            f"{represented} pouvoirs pour {present} présents, alors qu’un conseiller n’en porte qu’un "
            "(CGCT, art. L2121-20) ; vérifiez ces nombres sur le registre"
        )
        raise TooManyProxies(deliberation, text)


def quorum_reached(deliberation: CouncilDeliberation, _today: date) -> None:
    """A majority of the members in office is in the room; proxies do not count (CGCT L2121-17)."""
    present, in_office = deliberation.present, deliberation.members_in_office
    if present is None or in_office is None or not deliberation.quorum_needed:
        return
    if 2 * present <= in_office:
        text = (
            f"le quorum n’est pas atteint, {present} présents pour {in_office} en exercice ; il en faut "
            f"{in_office // 2 + 1}, sans compter les pouvoirs (CGCT, art. L2121-17) ; vérifiez-les, ou "
            "enregistrez la délibération de la seconde convocation"
        )
        raise QuorumNotReached(deliberation, text)


def second_convocation_waited(deliberation: CouncilDeliberation, _today: date) -> None:
    """The council meets again three days at least after a failed quorum (CGCT L2121-17)."""
    failed = deliberation.failed_session_date
    if failed is not None and deliberation.session_date < failed + timedelta(days=3):
        text = (
            f"la seconde convocation, le {deliberation.session_date}, suit de moins de trois jours la séance "
            f"sans quorum du {failed} (CGCT, art. L2121-17) ; vérifiez ces dates"
        )
        raise SecondConvocationTooEarly(deliberation, text)


def voters_suffice(deliberation: CouncilDeliberation, _today: date) -> None:
    """Nobody votes but the members present or represented."""
    votes = [deliberation.votes_for, deliberation.votes_against, deliberation.abstentions]
    total = sum(vote for vote in votes if vote is not None)
    voters = most_voters(deliberation)
    if voters is not None and total > voters:
        text = (
            f"{total} voix pour {voters} membres présents ou représentés au plus (CGCT, art. L2121-20) ; "
            "vérifiez ces nombres sur le registre"
        )
        raise MoreVotesThanVoters(deliberation, text)


def adopted(deliberation: CouncilDeliberation, _today: date) -> None:
    """Absolute majority of the votes cast; abstentions are not cast; casting vote (CGCT L2121-20)."""
    votes_for, against = deliberation.votes_for, deliberation.votes_against
    if votes_for is None or (against is None and votes_for > 0):
        return
    if votes_for > 0 and votes_for == against:
        _casting_vote(deliberation)
    elif votes_for <= (against or 0):
        text = (
            f"elle n’est pas adoptée, {votes_for} voix pour et {against or 0} contre, sans majorité absolue "
            "des suffrages exprimés (CGCT, art. L2121-20) ; vérifiez le vote sur le registre"
        )
        raise NotAdopted(deliberation, text)


def signed(deliberation: CouncilDeliberation, _today: date) -> None:
    """The mayor signs and, for sessions since 1 July 2022, the secretary too (CGCT L2121-23)."""
    if deliberation.signed_by_mayor is False:
        text = "le maire ne l’a pas signée (CGCT, art. L2121-23) ; enregistrez-la une fois signée"
        raise SignatureMissing(deliberation, text)
    if deliberation.signed_by_secretary is False and deliberation.session_date >= SECRETARY_SIGNS_SINCE:
        text = (
            "le secrétaire de séance ne l’a pas signée, ce qu’il doit faire avec le maire depuis le "
            "1er juillet 2022 (CGCT, art. L2121-23) ; enregistrez-la une fois signée"
        )
        raise SignatureMissing(deliberation, text)


def most_voters(deliberation: CouncilDeliberation) -> int | None:
    """How many members can have voted, from what is known; None when nothing is."""
    bounds = [] if deliberation.members_in_office is None else [deliberation.members_in_office]
    if deliberation.present is not None:
        # Each member present carries one proxy at most: an unknown number of proxies is bounded too.
        proxies = deliberation.present if deliberation.represented is None else deliberation.represented
        bounds.append(deliberation.present + proxies)
    return min(bounds, default=None)


def _casting_vote(deliberation: CouncilDeliberation) -> None:
    if deliberation.president_vote_for and not deliberation.secret_ballot:
        return
    reason = {
        None: "rien ne dit la voix prépondérante du président ; dites s’il a voté pour ou contre",
        True: "le scrutin est secret, sans voix prépondérante ; vérifiez le vote sur le registre",
        False: "la voix prépondérante du président est contre ; vérifiez le vote sur le registre",
    }[deliberation.president_vote_for]
    text = f"elle n’est pas adoptée, les voix sont à égalité (CGCT, art. L2121-20) et {reason}"
    raise NotAdopted(deliberation, text)


def _dates(deliberation: CouncilDeliberation, *, session: str = "") -> list[tuple[str, date | None]]:
    acted = [("publication", deliberation.published_on), ("transmission", deliberation.transmitted_on)]
    return [(session, deliberation.session_date), *acted] if session else acted


Rule = Callable[[CouncilDeliberation, date], None]

RULES: tuple[Rule, ...] = (
    dates_have_come,
    acted_after_session,
    seats_suffice,
    one_proxy_each,
    second_convocation_waited,
    quorum_reached,
    voters_suffice,
    adopted,
    signed,
)
"""In the order they are checked: the first that is broken is the one that is told."""


def check_deliberation(deliberation: CouncilDeliberation, *, today: date, adopts: bool = True) -> None:
    """Raise the first ``UnlawfulDeliberation`` (one class per rule) among the fields that are filled in.

    ``adopts`` is False when the council is recorded as having refused: it then needs no majority.
    """
    for rule in RULES:
        if adopts or rule is not adopted:
            rule(deliberation, today)
