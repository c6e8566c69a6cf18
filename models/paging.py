"""Long lists, page by page."""


def page_shown(count: int, page: int, size: int) -> tuple[int, int]:
    """Which page is shown when ``page`` is asked for, and how many there are of ``count`` lines, ``size`` a page.

    The first is 1; past the end, the last one is shown.
    """
    pages = max(1, -(-count // size))
    return min(max(page, 1), pages), pages
