"""What pages do behind one's back: errors on the console, refused or missing files, calls to other hosts."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

OWN_SCHEMES = ("data:", "blob:", "about:")


class Watch:
    """Collects complaints of every page of the contexts that it is put over."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.complaints: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Listen to a context from now on."""
        context.on("console", self._console)
        context.on("weberror", self._web_error)
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium also logs the status of a page that we meant to be refused; files are looked at below.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _web_error(self, error: WebError) -> None:
        self.complaints.append(f"script error: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site}/", *OWN_SCHEMES)):
            self.complaints.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        page = response.request.resource_type == "document"
        if response.status >= 400 and not page:
            self.complaints.append(f"{response.status} for {response.url}")
        if page and "content-security-policy" not in response.headers:
            self.complaints.append(f"no Content-Security-Policy with {response.url}")
