"""What reminders and notices are about: written in one way, and read back."""

import pytest

from models.subject import Subject

WRITTEN = {
    "deliverable-12/version-3": Subject.of("deliverable", 12, version=3),
    "deliverable-1/party-2/round-1": Subject.of("deliverable", 1, party=2, round=1),
    "stage-5/agency": Subject.of("stage", 5, "agency"),
    "commitment-7": Subject.of("commitment", 7),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    assert str(WRITTEN[text]) == text
    assert Subject.parse(text) == WRITTEN[text]


def test_the_key_of_a_notice_has_no_slash() -> None:
    assert Subject.of("stage", 4, round=2).key == "stage-4-round-2"


@pytest.mark.parametrize("text", ["", "meeting", "meeting-un", "meeting-"])
def test_what_names_no_row_is_no_subject(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Subject.parse(text)


def test_what_is_not_in_the_database_yet_is_no_subject() -> None:
    with pytest.raises(LookupError):
        Subject.of("stage", None)
