"""A person with a browser, as verbs for tests."""

from collections.abc import Generator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page

_SIGN_IN = "Sign in with TikTok"
_PATIENCE_MS = 15_000


class Visitor:
    """One person with one browser profile, at the example application; ``complaints`` are what the console said."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        """Open the application."""
        context.set_default_timeout(_PATIENCE_MS)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.origin = origin
        self.opens()

    def opens(self, path: str = "/") -> None:
        """Go to a page of the application."""
        self.page.goto(self.origin + path)

    def presses(self, button: str) -> None:
        """Press the button with this label."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def goes_to_tiktok(self) -> None:
        """Press the application's button."""
        self.presses(_SIGN_IN)

    def chooses(self, person: str) -> None:
        """Say who they are, on TikTok's page."""
        self.page.get_by_role("radio", name=person).check()

    def unticks(self, scope: str) -> None:
        """Refuse one scope, on TikTok's page."""
        self.page.get_by_role("checkbox", name=scope).uncheck()

    def signs_in(self, person: str = "Ada Example") -> None:
        """Do all of it."""
        self.goes_to_tiktok()
        self.chooses(person)
        self.presses("Allow")

    @property
    def sees(self) -> str:
        """The heading of the page that they are on."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def text(self) -> str:
        """Everything that the page shows."""
        return self.page.locator("main").inner_text()

    def claims(self) -> dict[str, str]:
        """Return the profile that the application shows."""
        rows = self.page.get_by_role("region", name="Hello").locator("tbody tr").all()
        return {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows if row.is_visible()}

    def hops(self) -> list[str]:
        """Return who asked whom, as the page tells it."""
        return self.page.locator(".hops .route").all_inner_texts()

    def log(self) -> list[str]:
        """Return the types of the tenant's latest events, the newest first."""
        region = self.page.get_by_role("region", name="The sign-in, request by request")
        return region.locator("tbody th").all_inner_texts()

    @contextmanager
    def breaking(self, title: str) -> Generator[None]:
        """Turn the toggle of that title on, and off again when the block ends."""
        self._turns(title)
        try:
            yield
        finally:
            self.opens()
            if self.page.get_by_role("heading", name=f"{title} on").count():
                self._turns(title)

    def _turns(self, title: str) -> None:
        forms = self.page.locator("form").filter(has=self.page.get_by_role("heading", name=title))
        forms.get_by_role("button").click()
