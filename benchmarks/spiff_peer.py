"""SpiffWorkflow playing the same project: a BPMN process of six stages, four validations in each.

SpiffWorkflow keeps its state in memory; its users serialise it and save it. So each sign-off here is:
complete the city's task, run the engine on (the stage advances when its four are in), serialise the whole
process, and save it durably, in plain SQL. Loading it back is not counted, in its favour; nor are rights,
journal and mails. Each stage is a subprocess, also in its favour: with its gateways in a row in one
process, the branches it foresees multiply from stage to stage, and it gave 6 sign-offs a second.
"""
# mypy: disable-error-code="import-not-found"

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.databases import Writer, temporary_database, writers
from benchmarks.play import ACTS, CITIES, STAGES, Figures, play, timed

SAVE = "UPDATE process SET state = ? WHERE id = ?"


def measure(kind: str, clients: int, projects: int) -> Figures:
    """Figures of ``projects`` whole projects by each client."""
    parser = BpmnParser()
    parser.add_bpmn_str(_process().encode())
    spec = parser.get_spec("project")
    stages = parser.get_subprocess_specs("project")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    with temporary_database(kind) as url, writers(url, clients) as opened:
        opened[0].transaction(
            ("CREATE TABLE process (id INTEGER PRIMARY KEY, state TEXT)", ()),
            *(("INSERT INTO process (id) VALUES (?)", (n,)) for n in range(clients)),
        )
        share = partial(_projects, partial(BpmnWorkflow, spec, stages), serializer, projects)
        return play([partial(share, writer, row) for row, writer in enumerate(opened)])


def _projects(
    start: Callable[[], BpmnWorkflow],
    serializer: BpmnWorkflowSerializer,
    projects: int,
    writer: Writer,
    row: int,
) -> Iterator[float]:
    for _ in range(projects):
        project = start()
        project.do_engine_steps()
        for _ in range(ACTS):
            yield timed(_sign_off, project, serializer, writer, row)
        assert project.completed


def _sign_off(project: BpmnWorkflow, serializer: BpmnWorkflowSerializer, writer: Writer, row: int) -> None:
    project.get_next_task(state=TaskState.READY, manual=True).run()
    project.do_engine_steps()
    writer.transaction((SAVE, (serializer.serialize_json(project), row)))


def _process() -> str:
    stages = [f"stage{number}" for number in range(STAGES)]
    elements = "".join(_stage(stage) for stage in stages)
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">'
        f'<process id="project" isExecutable="true">{_chained(stages, elements)}</process></definitions>'
    )


def _stage(name: str) -> str:
    cities = [f"{name}-city{number}" for number in range(CITIES)]
    tasks = "".join(f'<userTask id="{city}"/>' for city in cities)
    gateways = f'<parallelGateway id="{name}-fork"/><parallelGateway id="{name}-join"/>'
    branches = "".join(_flow(f"{name}-fork", city) + _flow(city, f"{name}-join") for city in cities)
    inside = _chained([f"{name}-fork"], gateways + tasks + branches, last=f"{name}-join")
    return f'<subProcess id="{name}">{inside}</subProcess>'


def _chained(steps: list[str], elements: str, last: str | None = None) -> str:
    """``elements`` between a start and an end; ``steps`` follow each other, and the end follows ``last``."""
    start, end = f"before-{steps[0]}", f"after-{steps[0]}"
    flows = "".join(_flow(*pair) for pair in pairwise([start, *steps])) + _flow(last or steps[-1], end)
    return f'<startEvent id="{start}"/>{elements}{flows}<endEvent id="{end}"/>'


def _flow(origin: str, target: str) -> str:
    return f'<sequenceFlow id="{origin}-to-{target}" sourceRef="{origin}" targetRef="{target}"/>'
