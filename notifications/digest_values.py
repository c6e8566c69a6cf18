"""From what a digest's notice keeps to the values of its message: addresses become links, news become lines."""

from collections.abc import Callable
from typing import Any

from notifications.messages import message_from

AddressOf = Callable[[str], str]


def digest_values(payload: dict[str, Any], address_of: AddressOf, common: dict[str, Any]) -> dict[str, Any]:
    """``payload`` as ``daily_digest`` and ``weekly_state`` take it; ``common`` has the values of every message.

    ``address_of`` makes the whole address of a page from its path.

    The digest of one project is signed by its agent and names it; that of several does neither.
    """
    projects = [_project(project, address_of, common) for project in payload["projects"]]
    values = common | {
        "day": payload["day"],
        "projects": projects,
        "link": address_of(payload["path"]),
    }
    agents = {project["agent_name"] for project in payload["projects"]}
    if len(projects) == 1:
        values |= {"project_title": projects[0]["title"], "project_slug": payload["projects"][0]["slug"]}
    if len(agents) == 1:
        values["agent_name"] = agents.pop()
    return values


def digest_subject(message: str, payload: dict[str, Any], name: str, public_url: str) -> str:
    """The subject under which the digest of ``name`` leaves."""
    common = {
        "recipient_name": name,
        "project_title": "Projets partagés",
        "project_slug": "",
        "agent_name": "L’équipe des projets partagés",
        "agent_email": "",
    }
    return message_from(message, digest_values(payload, lambda path: public_url + path, common)).subject()


def _project(project: dict[str, Any], address_of: AddressOf, common: dict[str, Any]) -> dict[str, Any]:
    values = {name: project[name] for name in ("title", "slug", "agent_name", "agent_email", "state")}
    return values | {
        "link": address_of(project["link_path"]),
        "items": [
            {name: value for name, value in item.items() if name != "path"}
            | {"link": address_of(item["path"])}
            for item in project["items"]
        ],
        "news": [line for news in project["news"] if (line := _news(news, project, address_of, common))],
    }


def _news(
    news: dict[str, Any], project: dict[str, Any], address_of: AddressOf, common: dict[str, Any]
) -> dict[str, Any] | None:
    values = dict(news["values"])
    link = address_of(values.pop("path", project["link_path"]))
    filled = (
        common | values | {"link": link, "project_title": project["title"], "project_slug": project["slug"]}
    )
    try:
        return {"text": message_from(news["message"], filled).headline(), "link": link}
    except (KeyError, ValueError):
        return None  # written by an older version: the rest of the digest must not wait for it
