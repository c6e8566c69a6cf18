"""Several people act in the same instant, each on a connection of their own."""

import threading
from collections.abc import Callable

from database.engine import Database
from models.refusal import Refusal

Act = Callable[[Database], object]


def at_once(url: str, *acts: Act) -> list[object]:
    """Do these acts together on the database at this address; returns what each gave, or the refusal it got."""
    start, answers = threading.Barrier(len(acts)), [None for _ in acts]  # type: ignore[var-annotated]

    def do(place: int, act: Act) -> None:
        db = Database(url)
        try:
            start.wait(60)
            answers[place] = act(db)
        except Exception as error:  # told by the answer: the others must not wait for ever
            answers[place] = error  # type: ignore[call-overload]
        finally:
            db.close()

    threads = [threading.Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    faults = [each for each in answers if isinstance(each, Exception) and not isinstance(each, Refusal)]
    assert faults == []
    return answers
