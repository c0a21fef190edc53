"""A person who signed in before a connection was adopted is the same user afterwards."""

from pathlib import Path

import pytest

from tests.support.operations.hand_made import (
    BY_HAND,
    PUBLISHED_SCRIPT,
    sign_in,
    working_connection,
)
from tests.support.operations.typing_commands import Shell


@pytest.mark.parametrize(
    ("user_id", "published"), [("union_id", False), ("open_id", False), ("union_id", True)], ids=str
)
def test_people_keep_their_users(own: Shell, tmp_path: Path, user_id: str, *, published: bool) -> None:
    tenant = own.deployed.vendors.tenant
    with working_connection(own, user_id) as connection:
        sign_in(own, "ada")
        sign_in(own, "zoe")
    before = set(tenant.users)
    assert len(before) == 2
    if published:  # It signed people in as long as Auth0 had axios.
        connection["options"]["scripts"]["fetchUserProfile"] = PUBLISHED_SCRIPT
    own.set({"userId": user_id})

    taken = own.python("-m", "operations.adopt", "rehearsal", "--take", str(tmp_path / "before.json"))
    assert taken.returncode == 0, taken.stdout + taken.stderr
    own.deployed.stack.up()

    assert list(tenant.connections) == [BY_HAND]
    assert connection["options"]["tokenURL"].endswith("/proxy/token")
    assert connection["options"]["scripts"]["fetchUserProfile"] != PUBLISHED_SCRIPT
    sign_in(own, "ada")
    sign_in(own, "zoe")
    assert set(tenant.users) == before
    assert all(user["logins_count"] == 2 for user in tenant.users.values())


@pytest.mark.parametrize(("returned", "chosen"), [("union_id", "open_id"), ("open_id", "union_id")])
def test_a_stack_with_another_user_id_is_refused(own: Shell, tmp_path: Path, returned: str, chosen: str) -> None:
    kept = tmp_path / "before.json"
    own.set({"userId": chosen})
    with working_connection(own, returned):
        refused = own.python("-m", "operations.adopt", "rehearsal", "--take", str(kept))

    assert refused.returncode == 1
    assert refused.stderr == (
        f"The profile script returns {returned} (it was run on a recorded answer of TikTok), but the stack's userId is "
        f"{chosen}: every person would become a second user. pulumi config set --stack rehearsal userId {returned}\n"
    )
    assert "profile field email: is lost, since infra/fetch_user_profile.js does not return it." in refused.stdout
    assert not kept.exists()
    assert BY_HAND not in own.bash("pulumi stack export").stdout
