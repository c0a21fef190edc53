"""A new revision takes over when it is ready, and only then."""

import threading

import httpx2

from emulators.google_cloud import DeploymentFault, GoogleCloud
from tests.support.google_cloud.deploying import BROKEN, HELLO, SERVICES, Deployer, archive, eventually, reachable


def _revision(deployer: Deployer) -> str:
    return deployer.ask()["environment"]["K_REVISION"]


def test_a_new_archive_takes_over_at_the_same_address(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    before = deployer.service()["uri"]

    deployer.update(deployer.declared(deployer.upload(archive(main=HELLO, more="1"))))

    assert (deployer.service()["uri"], _revision(deployer)) == (before, "hello-00002-abc")


def test_a_broken_revision_leaves_the_old_one_serving(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    operation = deployer.update(deployer.declared(deployer.upload(archive(main=BROKEN))))

    service = deployer.service()
    assert "the reason it broke" in operation["error"]["message"]
    assert service["terminalCondition"]["state"] == "CONDITION_FAILED"
    assert service["latestCreatedRevision"].endswith("hello-00002-abc")
    assert service["latestReadyRevision"].endswith("hello-00001-abc")
    assert _revision(deployer) == "hello-00001-abc"


def test_a_repaired_service_is_ready_again(deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=BROKEN))))

    deployer.update(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert deployer.service()["terminalCondition"]["state"] == "CONDITION_SUCCEEDED"
    assert _revision(deployer) == "hello-00002-abc"


def test_an_earlier_archive_comes_back_by_its_generation(deployer: Deployer) -> None:
    first = deployer.upload(archive(main=HELLO, first="1"))
    deployer.create(deployer.declared(first))
    deployer.update(deployer.declared(deployer.upload(archive(main=HELLO, second="1"))))

    deployer.update(deployer.declared(first))

    assert "first.py" in deployer.ask()["files"]


def test_labels_and_the_order_of_variables_make_no_new_revision(deployer: Deployer) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)))
    deployer.create(service)

    service["template"]["containers"][0]["env"].reverse()
    deployer.update(service | {"labels": {"stack": "dev"}})

    assert deployer.service()["labels"] == {"stack": "dev"}
    assert (deployer.service()["generation"], deployer.service()["observedGeneration"]) == ("2", "2")
    assert _revision(deployer) == "hello-00001-abc"


def test_a_request_under_way_is_finished_by_its_revision(cloud: GoogleCloud, deployer: Deployer) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    served: list[str] = []
    slow = threading.Thread(target=lambda: served.append(deployer.ask("/slow")["environment"]["K_REVISION"]))
    slow.start()
    eventually(lambda: "slow" in [log.line for log in cloud.logs])

    deployer.update(deployer.declared(deployer.upload(archive(main=HELLO, more="1"))))
    slow.join()

    assert served == ["hello-00001-abc"]


def test_a_failure_on_demand_fails_one_deployment(cloud: GoogleCloud, deployer: Deployer) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)))
    cloud.queue_fault(DeploymentFault(message="made to fail"))

    assert deployer.create(service)["error"] == {"code": 9, "message": "made to fail"}
    assert deployer.service()["terminalCondition"]["message"] == "made to fail"
    assert "error" not in deployer.update(service)


def test_a_failed_create_can_leave_nothing_behind(cloud: GoogleCloud, deployer: Deployer, http: httpx2.Client) -> None:
    cloud.queue_fault(DeploymentFault(message="made to fail", leaves_service=False))

    operation = deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert operation["error"]["message"] == "made to fail"
    assert http.get(f"{SERVICES}/hello").status_code == 404


def test_an_impatient_poll_is_told_that_the_work_goes_on(cloud: GoogleCloud, deployer: Deployer) -> None:
    cloud.operation_patience_seconds = 0
    service = deployer.declared(deployer.upload(archive(main=HELLO)))

    begun = deployer.call("POST", f"{SERVICES}?serviceId=hello", service)

    assert "done" not in begun
    assert "done" not in deployer.call("GET", f"/v2/{begun['name']}")
    cloud.operation_patience_seconds = 5
    assert deployer.ended(begun)["response"]["reconciling"] is False


def test_a_validated_service_is_not_made(deployer: Deployer, http: httpx2.Client) -> None:
    service = deployer.declared(deployer.upload(archive(main=HELLO)))

    validated = deployer.call("POST", f"{SERVICES}?serviceId=hello&validateOnly=true", service)

    assert validated["response"]["template"]["timeout"] == "300s"
    assert http.get(f"{SERVICES}/hello").status_code == 404


def test_a_deleted_service_is_gone_with_its_port(deployer: Deployer, http: httpx2.Client) -> None:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    address = deployer.service()["uri"]

    deployer.ended(deployer.call("DELETE", f"{SERVICES}/hello"))

    assert http.get(f"{SERVICES}/hello").status_code == 404
    assert not reachable(address)
