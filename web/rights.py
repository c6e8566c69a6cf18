"""Who may do what on the pages: one table. A test walks every address with everybody, and expects exactly this.

What the table lets through is then judged by the actions themselves (whose party, which delegation, in what
state): a page never allows more than they do.
"""

from enum import StrEnum

from models.person import Role


class Deed(StrEnum):
    """What a page or a form is for."""

    read_public = "read_public"
    sign_in = "sign_in"
    use_account = "use_account"
    see_project = "see_project"
    comment = "comment"
    submit = "submit"
    sign = "sign"
    keep_commitment = "keep_commitment"
    record_paper_act = "record_paper_act"
    see_journal = "see_journal"
    conduct = "conduct"


EVERYBODY = frozenset({"nobody", "outsider", *(role.value for role in Role)})
SIGNED_IN = EVERYBODY - {"nobody"}
MEMBERS = frozenset(role.value for role in Role)
AGENT = frozenset({Role.agency_agent.value})
CITY = frozenset({Role.local_contact.value, Role.signatory.value})

RIGHTS: dict[Deed, frozenset[str]] = {
    Deed.read_public: EVERYBODY,
    Deed.sign_in: EVERYBODY,
    Deed.use_account: SIGNED_IN,
    Deed.see_project: MEMBERS,
    Deed.comment: MEMBERS,
    Deed.submit: AGENT | CITY | {Role.contractor.value},
    Deed.sign: CITY,
    Deed.keep_commitment: AGENT | CITY | {Role.contractor.value},
    Deed.record_paper_act: AGENT | CITY,
    Deed.see_journal: AGENT | CITY,
    Deed.conduct: AGENT,
}
"""Each deed and the standings that may do it; « outsider » is signed in and holds no role in the project."""


def may(deed: Deed, standings: frozenset[str]) -> bool:
    """Does one of these standings allow the deed?"""
    return bool(RIGHTS[deed] & standings)
