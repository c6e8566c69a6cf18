"""How the pages look: one markup, two sets of style sheets, ours and the State's (decision 19)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queries.system.state_assets import state_assets
from settings import Settings
from web.server.protections import CONTENT_POLICY

NEUTRAL: Final = "neutral"
STATE: Final = "dsfr"
DSFR_ADDRESS: Final = "/static/dsfr"
OF_THE_STATE_POLICY = CONTENT_POLICY.replace("img-src 'self'", "img-src 'self' data:")
"""The State's sheets draw arrows and ticks of forms with ``data:`` pictures; nothing else is opened for them."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page links to; ``of_the_state`` also shows the State's own block, which only a State service may."""

    sheets: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    of_the_state: bool = False
    policy: str = CONTENT_POLICY
    assets: Path | None = None


OURS = Look(("/static/neutral.css",))


def look_of_settings(settings: Settings) -> Look:
    """The look that the operator chose. Raises ``NoStateLook`` when its assets are not there."""
    if settings.theme == NEUTRAL:
        return OURS
    return Look(
        sheets=(
            f"{DSFR_ADDRESS}/dsfr.min.css",
            f"{DSFR_ADDRESS}/utility/utility.min.css",
            "/static/with-dsfr.css",
        ),
        scripts=(f"{DSFR_ADDRESS}/dsfr.module.min.js",),
        of_the_state=True,
        policy=OF_THE_STATE_POLICY,
        assets=state_assets(settings.dsfr_dir),
    )
