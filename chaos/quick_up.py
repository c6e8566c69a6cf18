"""`projet-partage up` whose periodic flows come every minute: what heals in five minutes in life is seen in one.

``python -m chaos.quick_up``, with the environment of the system.
"""

from pathlib import Path

import yaml

import commands.processes
from commands.system import run_system
from commands.up import prepare_database
from settings import settings

PRODUCT = Path(commands.processes.__file__).parent.parent / "prefect.yaml"


def main() -> None:
    """Until SIGTERM."""
    declared = yaml.safe_load(PRODUCT.read_text(encoding="utf-8"))
    for row in declared["deployments"]:
        if row["name"] in ("reconcile", "deliver_notices"):
            row["schedules"] = [{"cron": "* * * * *", "timezone": "Europe/Paris", "active": True}]
    prepare_database()
    file = settings().data_dir.absolute() / "quick.yaml"
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    run_system(settings(), web=True, deployments=file)


if __name__ == "__main__":
    main()
