"""Every operation of the API, played against what it declares: no failure of ours, no answer outside of the schema."""

from collections.abc import Callable
from functools import cache
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import schemathesis
from api import Api
from cast import MANTES, SLUG, Cast, seed_file
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.datastructures import State

from web.access.rate import Rate
from web.api.application import make_api

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DESCRIBED = make_api(State()).openapi()
OPERATIONS = sorted((method, path) for path, methods in DESCRIBED["paths"].items() for method in methods)
CONFIG = SchemathesisConfig.from_dict(
    {"generation": {"with-security-parameters": False}, "request-timeout": 60}  # seconds: machines are shared
)
POINT = "action plan in review"


@pytest.fixture
def here(api: Callable[[str], Api]) -> Api:
    """A project where there is something of everything, and a token that is not told to slow down."""
    here = api(POINT)
    here.state.rate = Rate(burst=1_000_000)
    here.cast.delegate(MANTES)
    return here


@cache
def described() -> Any:
    """The operations as they are declared, read once."""
    return schemathesis.openapi.from_dict(DESCRIBED, config=CONFIG)


def there(cast: Cast, path: str) -> dict[str, Any]:
    """What the address may name that is there."""
    numbers = {
        "slug": SLUG,
        "stage": "action_plan",
        "key": "feuille_de_route",
        "number": cast.commitments()[0].id if "commitments" in path else 1,
        "code": "other-content",
    }
    return {name: value for name, value in numbers.items() if f"{{{name}}}" in path}


def put_what_is_there(cast: Cast, body: Any) -> None:
    """Every other body gets values that are there: else each would stop at the first that is not."""
    if not isinstance(body, dict) or len(str(body)) % 2:
        return
    seed = seed_file().model_dump(mode="json", by_alias=True)
    values = {
        "party": MANTES,
        "sha256": cast.deliverable("feuille_de_route").sha256,
        "delegate": cast.mayor_email(MANTES),
        **{name: seed[name] for name in ("agency_agent", "parties", "period")},
        "calendar": {},
    }
    body.update({name: value for name, value in values.items() if isinstance(body.get(name), type(value))})


def play(here: Api, method: str, path: str, *, examples: int) -> None:
    """The address names what is there, or not; the body is what the schema allows, or not; an agent asks, or a city."""
    tokens = [here.token(here.cast.agent), here.token(here.cast.mayor(MANTES))]
    operation, known = described()[path][method], there(here.cast, path)
    operation.app = here.app
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = [
        operation.as_strategy(mode, path_parameters=place)
        for mode in modes
        for place in ((known, None) if known else (None,))
    ]

    @hypothesis.settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=st.one_of(cases), token=st.sampled_from(tokens))
    def tried(case: schemathesis.Case, token: str) -> None:
        put_what_is_there(here.cast, case.body)
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    tried()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_operation_fails_nor_answers_outside_of_its_schema(here: Api, method: str, path: str) -> None:
    play(here, method, path, examples=4)


@pytest.mark.trials
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nor_when_it_is_asked_for_longer(here: Api, method: str, path: str) -> None:
    play(here, method, path, examples=150)
