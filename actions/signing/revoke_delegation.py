"""End a delegation of signature before its last day (rule 3)."""

from datetime import datetime

from actions.authority.authority_mails import tell_revoked
from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import lock_register, record
from actions.signing.delegate_signature import check_may_delegate
from database.engine import Database
from models.local_authority import find_authority
from models.person import Actor
from models.signature_delegation import InvalidDelegation, SignatureDelegation
from queries.authority.keys import living_projects


def revoke_delegation(
    db: Database, actor: Actor, delegation_id: int, *, now: datetime
) -> SignatureDelegation:
    """End a delegation at once; what was signed under it stands. Ended before, it changes nothing. Commits.

    Raises ``NotAllowed``, ``InvalidDelegation`` (no such delegation).
    """
    with db.write() as session:
        lock_register(session)
        delegation = session.get(SignatureDelegation, delegation_id)
        if delegation is None:
            raise InvalidDelegation(f"La délégation n° {delegation_id} n’existe pas : vérifiez son numéro.")
        authority = find_authority(delegation.authority_code)
        check_may_delegate(session, actor, authority, now)
        if delegation.revoked_at is None:
            with passing_duties(session, living_projects(session, authority.code), now):
                delegation.revoked_at = now
            record(
                session,
                "delegation.revoked",
                project_id=None,
                actor=actor,
                now=now,
                party_code=authority.code,
                delegation=delegation_id,
            )
            tell_revoked(session, delegation, authority.name, actor, now)
        return delegation
