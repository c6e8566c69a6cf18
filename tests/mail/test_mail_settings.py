"""A mail setting that cannot work is refused at start, one that does not work now is named; nothing is cut silently."""

import re
import string
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.mail import mailer
from notifications.way_out import BadWayOut, check_ways_out, split_ways_out

PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " é€ "


def address(login: str) -> str:
    return f"mailtos://{login}@smtp.ville.example:587?from=projets@ville.example"


@given(st.text(st.sampled_from(PRINTABLE), min_size=1, max_size=12).filter(lambda text: text == text.strip()))
def test_a_password_is_read_as_written_or_refused_and_never_shown(password: str) -> None:
    setting = address(f"moi:{password}")
    refusal = refusal_of(setting)
    if refusal is not None:
        assert "%23" in refusal or "type d’adresse connu" in refusal
        assert len(password) < 5 or password not in refusal
        return
    (only,) = split_ways_out(setting)
    plugin = mailer(only)
    assert plugin.password == (unquote(password) if re.search("%[0-9A-Fa-f]{2}", password) else password)
    assert (plugin.user, plugin.smtp_host, plugin.port) == ("moi", "smtp.ville.example", 587)


def refusal_of(setting: str) -> str | None:
    try:
        check_ways_out(setting)
    except BadWayOut as refused:
        return str(refused)
    return None


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12))
def test_every_password_and_user_can_be_written_percent_encoded(password: str) -> None:
    login = f"{quote('moi@ville.example', safe='')}:{quote(password, safe='')}"
    setting = f"json://127.0.0.1:9, {address(login)}"
    check_ways_out(setting)
    plugin = mailer(split_ways_out(setting)[1])
    assert (plugin.user, plugin.password, plugin.smtp_host) == (
        "moi@ville.example",
        password,
        "smtp.ville.example",
    )


@pytest.mark.parametrize("sign", [*"#/?é", "%34"])
def test_what_would_cut_a_password_is_refused_with_how_to_write_it(sign: str) -> None:
    with pytest.raises(BadWayOut, match="PROJET_PARTAGE_APPRISE_URLS") as refused:
        check_ways_out(address(f"moi:s3cr{sign}et"))
    assert "« # »" in str(refused.value).replace("\u00a0", " ")
    assert "%25" in str(refused.value)
    assert "s3cr" not in str(refused.value)


@pytest.mark.parametrize("sign", [*",;@% :&+=![]"])
def test_what_can_be_read_is_read(sign: str) -> None:
    setting = address(f"moi:s3cr{sign}xet")
    check_ways_out(setting)
    assert mailer(*split_ways_out(setting)).password == f"s3cr{sign}xet"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("none://", "type d’adresse connu"),
        ("smtp.ville.example", "type d’adresse connu"),
        (" , ", "aucune adresse"),
        ("mailtos://moi:s3cret@smtp.ville.example:99999?from=a@b.example", "un port entre 1 et 65535"),
        ("mailtos://moi:s3cret@smtp.ville.example:?from=a@b.example", "un port entre 1 et 65535"),
        ("mailtos://moi:s3cret@?from=a@b.example", "pas de serveur"),
        ("mailtos://moi:s3cret@smtp ville?from=a@b.example", "nom de serveur"),
        ("mailtos://moi:s3cret@smtp", "pas d’expéditeur"),
        ("mailtos://moi:s3cret@smtp.ville.example?from=projets", "adresse électronique dans « from »"),
        ("mailtos://moi:s3cret@smtp.ville.example?form=a@b.example", "réglage inconnu"),
        ("mailtos://moi:s3cret@smtp.ville.example?mode=sll", "mode"),
        ("mailtos://moi:s3cret@smtp.ville.example/maire@ville.example", "destinataires"),
        ("json://127.0.0.1:9 mailto://smtp", "l’adresse n° 2"),
        ("json://", "n’est pas comprise"),
    ],
)
def test_each_setting_that_can_never_work_is_named(setting: str, reason: str) -> None:
    with pytest.raises(BadWayOut) as refused:
        check_ways_out(setting)
    assert reason in str(refused.value).replace("\u00a0", " ")
    assert "s3cret" not in str(refused.value)


def test_an_empty_setting_keeps_the_mail_here() -> None:
    check_ways_out("")
