"""The README's pictures, taken of a sign-in as a person sees it; `make pictures` copies them to docs/pictures."""

from pathlib import Path

from tests.system.browser.conftest import Arrives

_PICTURES = Path(__file__).parents[3] / "build" / "pictures" / "readme"
_PARTS = {"profile": "Hello", "hops": "The sign-in, request by request", "toggles": "Break something"}
_MOST_BYTES = 150_000


def test_the_readmes_pictures_are_small(arrives: Arrives) -> None:
    visitor = arrives(viewport={"width": 800, "height": 640}, color_scheme="light")
    visitor.signs_in()  # what is made when it is first needed would show in the times
    visitor.page.context.clear_cookies()
    visitor.opens()

    visitor.goes_to_tiktok()
    visitor.page.screenshot(path=_PICTURES / "consent.png", full_page=True)
    visitor.presses("Allow")
    for name, part in _PARTS.items():
        visitor.page.get_by_role("region", name=part).screenshot(path=_PICTURES / f"{name}.png")

    sizes = {name: (_PICTURES / f"{name}.png").stat().st_size for name in ("consent", *_PARTS)}
    assert max(sizes.values()) < _MOST_BYTES
