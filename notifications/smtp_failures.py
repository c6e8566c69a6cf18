"""What went wrong with a mail server, in French, and what to look at: after « Le serveur de messagerie HOST:PORT »."""

import smtplib
import socket
import ssl

VARIABLE = "PROJET_PARTAGE_APPRISE_URLS"
TLS_PORTS = "« mode=starttls » va avec le port 587, « mode=ssl » avec le port 465"


def what_happened(error: Exception) -> str:
    """Nothing of what the server wrote, nor of our login, is in it."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return (
            f"refuse notre identification ({error.smtp_code}) : vérifiez l’identifiant et le mot de passe dans "
            f"{VARIABLE} (un « % » s’y écrit %25)"
        )
    if isinstance(error, smtplib.SMTPResponseException):
        if error.smtp_code < 200:
            return f"ne parle pas SMTP : vérifiez le port dans {VARIABLE}"
        return f"ne veut pas de nous ({error.smtp_code})"
    # smtplib turns a timeout into a disconnection, and keeps the timeout as its context.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "n’a pas répondu à temps"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _lacks(str(error))
    if isinstance(error, ssl.SSLError):
        return _over_tls(error)
    return _out_of_reach(error)


def _lacks(words: str) -> str:
    if "STARTTLS" in words:
        return f"ne sait pas chiffrer la conversation (STARTTLS), et rien ne part en clair : {TLS_PORTS}"
    return f"ne prend pas d’identification : ôtez-la de {VARIABLE}, ou vérifiez le port et « mode »"


def _over_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "présente un certificat qui n’est pas valable pour ce nom, ou d’une autorité inconnue : vérifiez le nom "
            f"du serveur dans {VARIABLE}, ou installez l’autorité sur cette machine"
        )
    return f"ne parle pas TLS de cette façon : {TLS_PORTS}"


def _out_of_reach(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "refuse la connexion (il est sans doute arrêté, ou ce n’est pas le bon port)"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"est introuvable : vérifiez son nom dans {VARIABLE}"
    if isinstance(error, (smtplib.SMTPServerDisconnected, ConnectionError)):
        return "a coupé la conversation"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return "est injoignable depuis cette machine"
    return f"ne répond pas comme attendu ({type(error).__name__})"
