"""Google's front end: what reaches a service, and what never does."""

import pytest

from emulators.google_cloud import DeploymentFault, GoogleCloud
from tests.support.google_cloud.deploying import HELLO, SERVICES, Deployer, archive


@pytest.fixture
def hello(deployer: Deployer) -> Deployer:
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))
    return deployer


def test_a_request_arrives_with_its_origin_and_a_trace(hello: Deployer) -> None:
    headers = hello.visit("/", headers={"x-forwarded-for": "203.0.113.9", "x-own": "1"}).json()["headers"]

    assert headers["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert headers["x-own"] == "1"
    assert headers["x-cloud-trace-context"].endswith(";o=1")
    assert headers["host"] == hello.service()["uri"].removeprefix("http://")


def test_a_body_goes_through(hello: Deployer) -> None:
    assert hello.visit("/", "POST", content=b"a=b").json()["body"] == "a=b"


def test_encoded_letters_arrive_decoded_and_other_characters_as_they_are(hello: Deployer) -> None:
    assert hello.ask("/%41%2F?%41")["path"] == "/A%2F?%41"


@pytest.mark.parametrize("path", ["/healthz", "/_ah/start", "/eventlog", "/quiz"])
def test_reserved_paths_are_404_before_the_service(hello: Deployer, path: str) -> None:
    answer = hello.visit(path)

    assert (answer.status_code, answer.headers["server"]) == (404, "Google Frontend")


def test_trace_is_refused(hello: Deployer) -> None:
    assert hello.visit("/", "TRACE").status_code == 405


def test_a_request_that_takes_too_long_is_504(hello: Deployer) -> None:
    service = hello.declared(
        hello.service()["template"]["containers"][0]["sourceCode"]["cloudStorageSource"]["generation"]
    )
    hello.update(service | {"template": service["template"] | {"timeout": "0.2s"}})

    assert hello.visit("/slow").status_code == 504


def test_a_service_without_public_access_is_403_until_everybody_may_call(hello: Deployer) -> None:
    service = hello.service()
    hello.update({"template": service["template"]})
    refused = hello.visit("/").status_code

    policy = {"etag": "ACAB", "bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}
    hello.call("POST", f"{SERVICES}/hello:setIamPolicy", {"policy": policy})

    assert (refused, hello.visit("/").status_code) == (403, 200)


def test_a_service_that_never_was_ready_is_503(cloud: GoogleCloud, deployer: Deployer) -> None:
    cloud.queue_fault(DeploymentFault(message="made to fail"))
    deployer.create(deployer.declared(deployer.upload(archive(main=HELLO))))

    assert deployer.visit("/").status_code == 503


@pytest.mark.parametrize(
    "closed",
    [
        {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"},
        {"ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"},
        {"defaultUriDisabled": True},
    ],
)
def test_a_service_that_the_internet_does_not_reach_is_404(hello: Deployer, closed: dict[str, object]) -> None:
    hello.update({"template": hello.service()["template"], "invokerIamDisabled": True} | closed)

    assert hello.visit("/").status_code == 404
