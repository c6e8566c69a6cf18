"""Everything a flow run needs, imported once in the fork server (see `flows.worker`); the runs inherit it.

No module imported here may open a connection, a file or a thread at import: a fork would share it.
"""

import importlib
import logging
import pkgutil

import prefect.cli  # each child looks at the program that started the worker, which may be this one
import prefect.deployments.steps.pull
import prefect.engine
import prefect.flow_engine
import prefect.logging.handlers
import prefect.task_engine  # noqa: F401

import flows
from models.read_once import read_once

for _module in pkgutil.iter_modules(flows.__path__):
    if _module.name == "__main__":
        continue
    try:
        importlib.import_module(f"flows.{_module.name}")
    except Exception:  # the runs of that flow will say so; the others must start
        logging.getLogger(__name__).exception("flows.%s ne se charge pas", _module.name)

read_once()
