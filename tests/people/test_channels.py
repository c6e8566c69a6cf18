"""Other ways than mail: who may add one, what is kept of its address, what leaves by it, and what never does."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from cast import CITIES, NIORT, SLUG, Cast
from command_line import AGENT, CONTACTS, CommandLine
from post_office import SECRET, Hook, Post, empty_the_box, notices, open_hook, open_post, owe_digest, round_of

from actions.mail.claim_notices import MOST_ATTEMPTS
from actions.mail.deliver import NO_CHANNEL
from actions.mail.drop_notices import drop_expired
from actions.mail.notify import copies_by_channel, tell
from actions.people.channels import (
    ChannelKnown,
    ChannelLocked,
    ChannelRequest,
    UnknownChannel,
    add_person_channel,
    add_project_channel,
    channel_address,
    remove_channel,
)
from database.address_lock import AddressLock
from database.engine import Database
from models.channel import Channel
from models.notice import BY_MAIL_ONLY
from models.person import MailFrequency, NotAllowed
from models.reminder import closing_of, opening_of
from models.tables import NOTICE, REMINDER
from notifications.channel import ChannelNotAllowed, ChannelNotUnderstood, check_channel, harmless, send_words
from queries.ledger.find import find_project
from queries.people.channels import list_channels
from settings import settings

At = Callable[[str], Cast]
LOCK = AddressLock(SECRET)


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("met")
    empty_the_box(cast.db)
    return cast


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as post:
        yield post


@pytest.fixture
def hook() -> Iterator[str]:
    """The Apprise address of a real web hook."""
    with open_hook() as port:
        yield f"json://moi:s3cret@127.0.0.1:{port}/jeton-s3cret"


def of_niort(cast: Cast, address: str) -> int:
    request = ChannelRequest(CONTACTS[NIORT], address, "json")
    return add_person_channel(cast.db, cast.contact(NIORT), request, LOCK, now=cast.now)


def of_the_project(cast: Cast, address: str) -> int:
    return add_project_channel(cast.db, cast.agent, ChannelRequest(SLUG, address, "json"), LOCK, now=cast.now)


def say(
    cast: Cast, message: str = "project_paused", about: str = "audit-1", reason: str = "Élections"
) -> None:
    people = [cast.contact(code).person_id for code in CITIES]
    with cast.db.write() as session:
        project = find_project(session, SLUG)
        tell(session, people, message, about, cast.now, project=project, reason=reason, path="/projets/x")


def by_channel(cast: Cast) -> list[sa.RowMapping]:
    return notices(cast.db, NOTICE.c.channel_id.is_not(None))


# What leaves


def test_a_person_is_told_by_mail_and_by_their_channel(cast: Cast, post: Post, hook: str) -> None:
    number = of_niort(cast, hook)
    say(cast)
    (row,) = by_channel(cast)
    assert (row["channel_id"], row["recipient_id"]) == (number, cast.contact(NIORT).person_id)
    assert round_of(cast.db, post.url, cast.now).sent == 5
    assert len(post.received) == 4
    (body,) = Hook.bodies
    assert "Le projet est mis en pause" in body
    assert "https://projets.example/projets/x" in body
    assert "<" not in body


def test_a_project_s_channel_is_told_once_whatever_the_number_of_readers(
    cast: Cast, post: Post, hook: str
) -> None:
    of_the_project(cast, hook)
    say(cast)
    say(cast)
    assert len(by_channel(cast)) == 1
    round_of(cast.db, post.url, cast.now)
    assert len(Hook.bodies) == 1


@pytest.mark.parametrize("message", sorted(BY_MAIL_ONLY))
def test_what_bears_a_key_or_an_address_leaves_by_mail_only(cast: Cast, hook: str, message: str) -> None:
    of_niort(cast, hook)
    of_the_project(cast, hook)
    say(cast, message)
    assert by_channel(cast) == []
    assert "sign_in_link" in BY_MAIL_ONLY


def test_the_channel_of_who_wants_no_news_gets_none_and_the_project_s_gets_them(
    cast: Cast, hook: str
) -> None:
    of_niort(cast, hook)
    of_the_project(cast, hook)
    with cast.db.write_statements() as connection:
        connection.execute(sa.text("UPDATE person SET mail_frequency = :f"), {"f": MailFrequency.never})
    say(cast, "stage_closed")
    (row,) = by_channel(cast)
    assert row["channel_id"] == 2


def test_a_channel_that_is_down_is_tried_again_and_holds_no_mail_up(
    cast: Cast, post: Post, hook: str
) -> None:
    of_niort(cast, hook)
    say(cast)
    Hook.status = 503
    assert round_of(cast.db, post.url, cast.now).sent == 4
    (row,) = by_channel(cast)
    assert (row["attempts"], row["failed_at"]) == (1, None)
    assert "s3cret" not in row["last_error"]
    Hook.status = 200
    cast.wait(minutes=1)
    assert round_of(cast.db, post.url, cast.now).sent == 1


def test_mails_that_are_held_up_hold_no_channel_up(cast: Cast, hook: str) -> None:
    of_niort(cast, hook)
    for fact in range(5):
        say(cast, about=f"audit-{fact}")
    assert round_of(cast.db, "projetpartage://127.0.0.1:9/?from=a@b.example", cast.now).sent == 5
    assert len(Hook.bodies) == 5


def test_a_channel_that_never_works_is_told_to_the_agent_without_its_address(cast: Cast, hook: str) -> None:
    of_niort(cast, hook)
    say(cast)
    with cast.db.write_statements() as connection:
        connection.execute(sa.delete(NOTICE).where(NOTICE.c.channel_id.is_(None)))
        connection.execute(sa.update(NOTICE).values(attempts=MOST_ATTEMPTS - 1))
    Hook.status = 500
    round_of(cast.db, "projetpartage://127.0.0.1:9/?from=a@b.example", cast.now)
    (notice,) = cast.notices("delivery_failed")
    assert notice.recipient_id == cast.agent.person_id
    assert notice.payload["address"] == "canal json (n° 1)"
    assert "s3cret" not in str(notice.payload)


def test_what_was_owed_by_a_channel_that_is_taken_away_is_dropped(cast: Cast, post: Post, hook: str) -> None:
    number = of_niort(cast, hook)
    say(cast)
    remove_channel(cast.db, cast.contact(NIORT), number, now=cast.now)
    assert round_of(cast.db, post.url, cast.now).dropped == 1
    assert by_channel(cast)[0]["last_error"] == NO_CHANNEL
    assert Hook.bodies == []
    say(cast, about="audit-2")
    assert len(by_channel(cast)) == 1


def test_a_digest_is_told_by_the_channel_too_and_only_the_mail_carries_its_lines(
    cast: Cast, post: Post, hook: str
) -> None:
    of_niort(cast, hook)
    day, person = cast.today, cast.contact(NIORT).person_id
    owe_digest(cast.db, person, day, opening_of(day))
    (digest,) = notices(cast.db)
    row = {name: value for name, value in digest.items() if name != "id"}
    with cast.db.write_statements() as connection:
        connection.execute(sa.insert(NOTICE), copies_by_channel(connection, [row]))
    assert [row["key"] for row in by_channel(cast)] == [f"{digest['key']}:channel-1"]
    Hook.status = 500
    assert round_of(cast.db, post.url, opening_of(day)).sent == 1
    assert drop_expired(cast.db, now=closing_of(day)) == 1
    with cast.db.read() as session:
        lines = session.connection().scalar(sa.select(sa.func.count()).select_from(REMINDER))
    assert lines == 1, "the mail has left: its lines have been reminded"


TYPED = "[cliquez](https://mechant.example) <!channel> <b>gras</b> @all **fort** `code` # titre"


def test_what_people_type_is_neither_a_link_nor_a_mention_nor_markup_in_a_channel() -> None:
    text = harmless(f"# {TYPED}\n# deuxième ligne")
    assert not set("[]<>*`|\n") & set(text)
    assert "@all" not in text
    assert "](" not in text
    assert not text.startswith("#")
    assert harmless("Démocratie culturelle : « Charte » est à revoir") == (
        "Démocratie culturelle : « Charte » est à revoir"
    )


def test_what_people_type_arrives_harmless(hook: str) -> None:
    send_words(hook, TYPED, TYPED, "https://projets.example/x?a=b_c")
    (body,) = Hook.bodies
    assert "](" not in body
    assert "<" not in body
    assert "https://projets.example/x?a=b_c" in body


# The addresses


def test_an_address_is_kept_locked(cast: Cast, hook: str) -> None:
    number = of_niort(cast, hook)
    (row,) = cast.all(Channel)
    assert "s3cret" not in str(row)
    with cast.db.read() as session:
        assert channel_address(session, number, LOCK) == hook
        with pytest.raises(ChannelLocked):
            channel_address(session, number, AddressLock("un autre secret"))


def test_a_secret_that_changed_gives_the_channel_up_and_says_what_to_do(
    cast: Cast, post: Post, hook: str
) -> None:
    request = ChannelRequest(CONTACTS[NIORT], hook, "json")
    add_person_channel(cast.db, cast.agent, request, AddressLock("ancien"), now=cast.now)
    say(cast)
    round_of(cast.db, post.url, cast.now)
    assert "retirez le canal" in by_channel(cast)[0]["last_error"]
    assert by_channel(cast)[0]["failed_at"] is not None


def test_the_same_address_is_added_once(cast: Cast, hook: str) -> None:
    of_niort(cast, hook)
    with pytest.raises(ChannelKnown):
        of_niort(cast, f" {hook} ")
    of_the_project(cast, hook)


def test_a_channel_taken_away_leaves_no_address(cast: Cast, hook: str) -> None:
    number = of_the_project(cast, hook)
    remove_channel(cast.db, cast.agent, number, now=cast.now)
    (row,) = cast.all(Channel)
    assert row.address == ""  # type: ignore[attr-defined]
    with cast.db.read() as session:
        assert list_channels(session) == []
    with pytest.raises(UnknownChannel):
        remove_channel(cast.db, cast.agent, number, now=cast.now)
    assert [event for event, _ in cast.journal()][-2:] == ["channel.added", "channel.removed"]


def test_one_s_own_channel_is_one_s_own_affair_and_a_project_s_that_of_the_agent(
    cast: Cast, hook: str
) -> None:
    request = ChannelRequest(CONTACTS[NIORT], hook, "json")
    with pytest.raises(NotAllowed):
        add_person_channel(cast.db, cast.mayor(NIORT), request, LOCK, now=cast.now)
    with pytest.raises(NotAllowed):
        add_project_channel(cast.db, cast.contact(NIORT), replace(request, owner=SLUG), LOCK, now=cast.now)
    number = of_niort(cast, hook)
    with pytest.raises(NotAllowed):
        remove_channel(cast.db, cast.mayor(NIORT), number, now=cast.now)
    remove_channel(cast.db, cast.agent, number, now=cast.now)


@pytest.mark.parametrize(
    "address", ["", "rien", "https://tchap.example/s3cret", "matrixs://", "s3cret://x", "mmosts://s3cret"]
)
def test_an_address_that_apprise_does_not_understand_is_refused_without_repeating_it(
    address: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ChannelNotUnderstood) as refused:
        check_channel(address)
    assert "s3cret" not in str(refused.value) + str(capfd.readouterr()) + caplog.text


@pytest.mark.parametrize(
    "schema",
    [
        "dbus",
        "kde",
        "glib",
        "gnome",
        "macosx",
        "windows",
        "syslog",
        "rsyslog",
        "apprise",
        "mailto",
        "PROJETPARTAGE",
    ],
)
def test_an_address_that_acts_on_the_server_or_is_a_mail_box_is_refused(schema: str) -> None:
    with pytest.raises(ChannelNotAllowed, match="ne peut pas servir de canal"):
        check_channel(f"{schema}://moi@exemple.example/")


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("matrixs://moi:motdepasse@tchap.example/#salon", "matrixs"),
        ("mmosts://mattermost.example/jeton1234567890", "mmosts"),
        ("json://127.0.0.1:8080/x", "json"),
    ],
)
def test_the_usual_addresses_are_understood(address: str, label: str) -> None:
    assert check_channel(address) == label


# The commands


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    monkeypatch.setenv("PROJET_PARTAGE_SECRET_KEY", SECRET)
    cli = CommandLine(db, tmp_path, monkeypatch)
    cli.ok("project", "create", Path(__file__).parents[2] / "examples" / "democratie-culturelle.yaml")
    yield cli
    settings.cache_clear()


def test_a_channel_is_added_tried_listed_and_removed(cli: CommandLine, hook: str) -> None:
    printed = cli.ok("channel", "add", hook, "--person", CONTACTS[NIORT], "--as", CONTACTS[NIORT])
    printed += cli.ok("channel", "add", hook, "--project", SLUG, "--as", AGENT)
    printed += cli.ok("channel", "try", 1)
    assert "https" in Hook.bodies[0] or "http://" in Hook.bodies[0]
    listed = cli.json("channel", "list")
    assert [(each["id"], each["label"], each["person"], each["project"]) for each in listed] == [
        (1, "json", CONTACTS[NIORT], None),
        (2, "json", None, SLUG),
    ]
    printed += cli.ok("channel", "list") + cli.ok("channel", "remove", 2, "--as", AGENT)
    assert len(cli.json("channel", "list")) == 1
    assert "s3cret" not in printed


def test_a_trial_that_fails_says_so_without_the_address(cli: CommandLine, hook: str) -> None:
    cli.ok("channel", "add", hook, "--project", SLUG, "--as", AGENT)
    Hook.status = 500
    refusal = cli.refused("channel", "try", 1)
    assert "n’est pas parti par le canal n° 1" in refusal
    assert "s3cret" not in refusal


def test_a_channel_is_somebody_s_or_a_project_s(cli: CommandLine, hook: str) -> None:
    neither = cli.run("channel", "add", hook, "--as", AGENT)
    both = cli.run("channel", "add", hook, "--person", AGENT, "--project", SLUG, "--as", AGENT)
    assert (neither.exit_code, both.exit_code) == (2, 2)
    assert "s3cret" not in neither.stderr + both.stderr


def test_what_is_refused_is_said_in_one_sentence(cli: CommandLine, hook: str) -> None:
    assert "qu’Apprise comprend" in cli.refused("channel", "add", "x://y", "--project", SLUG, "--as", AGENT)
    assert "ne peut pas servir" in cli.refused("channel", "add", "dbus://", "--project", SLUG, "--as", AGENT)
    assert "n’existe pas" in cli.refused("channel", "remove", 9, "--as", AGENT)
    assert "n’existe pas" in cli.refused("channel", "try", 9)
    refusal = cli.refused("channel", "add", hook, "--project", SLUG, "--as", CONTACTS[NIORT])
    assert "ne peut pas ajouter un canal à un projet" in refusal
