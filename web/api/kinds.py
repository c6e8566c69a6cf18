"""The problems of the API that no refusal is, and all of them; their codes are stable: add, never rename."""

from database.outage import OutageKind
from web.refusals import NOT_FOUND, OF_REFUSALS, Kind

NO_TOKEN = Kind("no-token", 401, "Jeton absent")
DEAD_TOKEN = Kind("dead-token", 401, "Jeton inconnu, expiré ou révoqué")
WRONG_METHOD = Kind("wrong-method", 405, "Méthode non prévue ici")
TOO_SLOW = Kind("too-slow", 408, "Demande trop lente")
TOO_LARGE = Kind("too-large", 413, "Demande trop longue")
WRONG_MEDIA_TYPE = Kind("wrong-media-type", 415, "Format du corps non prévu ici")
MALFORMED = Kind("malformed", 400, "Corps illisible")
WRONG_VALUES = Kind("wrong-values", 422, "Valeurs à corriger")
TOO_MANY_REQUESTS = Kind("too-many-requests", 429, "Trop de demandes")
BROKEN = Kind("broken", 500, "Panne de notre côté")
DATABASE_AWAY = Kind("database-away", 503, "Base de données indisponible")
OUTCOME_UNKNOWN = Kind("outcome-unknown", 503, "On ne sait pas si c’est enregistré")

OF_HTTP = {
    each.status: each
    for each in (
        NOT_FOUND,
        WRONG_METHOD,
        TOO_SLOW,
        TOO_LARGE,
        WRONG_MEDIA_TYPE,
        MALFORMED,
        WRONG_VALUES,
        TOO_MANY_REQUESTS,
        BROKEN,
        DATABASE_AWAY,
    )
}
"""Those that no rule of the domain says, by status."""

OF_OUTAGES = {
    OutageKind.database_away: DATABASE_AWAY,
    OutageKind.database_busy: Kind("database-busy", 503, "Base de données occupée"),
    OutageKind.disk_full: Kind("disk-full", 503, "Disque plein"),
    OutageKind.read_only: Kind("read-only", 503, "Écriture impossible"),
    OutageKind.files_away: Kind("files-away", 503, "Fichiers inaccessibles"),
    OutageKind.overloaded: Kind("overloaded", 503, "Trop de demandes à la fois"),
}
"""Nothing was recorded; ``OUTCOME_UNKNOWN`` otherwise."""


def every_kind() -> list[Kind]:
    """All of them, by status then code."""
    kinds = {NO_TOKEN, DEAD_TOKEN, OUTCOME_UNKNOWN}
    kinds |= {*OF_HTTP.values(), *OF_OUTAGES.values(), *OF_REFUSALS.values()}
    return sorted(kinds, key=lambda each: (each.status, each.code))
