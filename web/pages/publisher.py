"""Who publishes the pages, as the law wants it said; set by the operator."""

from dataclasses import dataclass

from settings import Settings


@dataclass(frozen=True, slots=True)
class Publisher:
    """Empty words are what the operator has not filled in yet: the pages say so."""

    name: str = ""
    director: str = ""
    host: str = ""
    contact: str = ""


def publisher_of_settings(settings: Settings) -> Publisher:
    """What the operator said of themselves."""
    return Publisher(
        settings.publisher.strip(),
        settings.publisher_director.strip(),
        settings.publisher_host.strip(),
        settings.publisher_contact.strip(),
    )
