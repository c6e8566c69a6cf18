"""Every table, registered by importing this, so that foreign keys find each other whoever imports first.

What opens a database imports it (``database.engine``, the migrations); a process that only reads a file does without
the second that it takes.
"""

from models import (  # noqa: F401
    address_change,
    agency_signature,
    api_token,
    audit_entry,
    channel,
    comment,
    commitment,
    consultation_strand,
    contractor,
    deliverable,
    file_inspection,
    former_name,
    incident,
    installation,
    meeting,
    notice,
    outbox,
    party,
    party_deadline,
    periodic_round,
    person,
    process_agreement,
    publication,
    recorded_act,
    reminder,
    shared_project,
    sign_off,
    signature_delegation,
    stage,
    web_session,
)
