"""How the pages look: one markup, two sets of style sheets, ours and the State's (decision 19)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queries.system.state_assets import NEEDED, state_assets
from settings import Settings
from web.server.protections import CONTENT_POLICY
from web.server.static_files import ADDRESS, static_address

NEUTRAL: Final = "neutral"
STATE: Final = "dsfr"
DSFR_ADDRESS: Final = f"{ADDRESS}/dsfr"
OF_THE_STATE_POLICY = CONTENT_POLICY.replace("img-src 'self'", "img-src 'self' data:")
"""The State's sheets draw arrows and ticks of forms with ``data:`` pictures; nothing else is opened for them."""


@dataclass(frozen=True, slots=True)
class Look:
    """The addresses that a page links to; ``of_the_state`` also shows the State's block, as only its services may."""

    sheets: tuple[str, ...]
    scripts: tuple[str, ...] = ()
    of_the_state: bool = False
    policy: str = CONTENT_POLICY
    assets: Path | None = None


OURS = Look((static_address("neutral.css"),))


def look_of_settings(settings: Settings) -> Look:
    """The look that the operator chose. Raises ``NoStateLook`` when its assets are not there."""
    if settings.theme == NEUTRAL:
        return OURS
    assets = state_assets(settings.dsfr_dir)
    base, utility, script = (static_address(name, assets, DSFR_ADDRESS) for name in NEEDED)
    return Look(
        sheets=(base, utility, static_address("with-dsfr.css")),
        scripts=(script,),
        of_the_state=True,
        policy=OF_THE_STATE_POLICY,
        assets=assets,
    )
