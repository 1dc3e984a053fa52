"""Pages as a reader sees them: the report's table, the links around it, the options of its filters."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A report page. `rows`: the cells of the report's own table (not the charts', nor the definitions')."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.links: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self.count = ""
        self._in_grid = self._in_body = False
        self._cell: list[str] | None = None
        self._text: list[str] | None = None
        self._in_count = False
        self._href = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "div" and given.get("class") == "grid":
            self._in_grid = True
        elif tag == "tbody":
            self._in_body = self._in_grid
        elif tag == "tr" and self._in_body:
            self.rows.append([])
        elif tag == "td" and self._in_body:
            self._cell = []
        elif tag == "p" and given.get("class") == "tools__count":
            self._in_count = True
        elif tag == "a":
            self._href, self._text = str(given.get("href")), []
            if given.get("rel") in {"next", "prev"}:
                self.links[str(given["rel"])] = self._href
        elif tag == "input" and given.get("type") == "checkbox" and given.get("name") != "history":
            self.options.setdefault(str(given["name"]), []).append(str(given["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._cell is not None:
            self.rows[-1].append("".join(self._cell))
            self._cell = None
        elif tag == "tbody":
            self._in_body = False
        elif tag == "table":
            self._in_grid = False
        elif tag == "p":
            self._in_count = False
        elif tag == "a" and self._text is not None:
            self.links.setdefault("".join(self._text).strip(), self._href)
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
        elif self._in_count:
            self.count += data
        elif self._text is not None:
            self._text.append(data)

    @property
    def promised(self) -> int:
        """The number of rows that the page says there are."""
        return int(self.count.split()[0].replace(",", ""))
