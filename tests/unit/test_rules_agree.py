"""What the settings accept, the emulated Google Cloud accepts; what it accepts beyond that has a reason."""

import itertools
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulators.google_cloud import ApiError, Assumptions
from emulators.google_cloud.run.base_images import full_path
from emulators.google_cloud.run.declaration import complete_declaration
from emulators.google_cloud.run.rules import check_region, check_service_id
from emulators.google_cloud.service_accounts import check_account_id
from emulators.google_cloud.storage.buckets import check_bucket_name
from infra import vendor_rules
from infra.vendor_rules import RUNTIMES, ServiceSize, base_image, bucket_name_problems, google_name, label

_STRICT = Assumptions()
_CPUS = [*"123456789", "0.07", "0.08", "0.080", "0.49", "0.5", "0.99", "0.999", "500m", "1000m"]
_EDGES = [0, 1, 127, 128, *(edge + step for edge in (512, *range(1024, 33_793, 1024)) for step in (-1, 0, 1))]
_MEMORIES = [*(f"{mebibytes}Mi" for mebibytes in _EDGES), *(f"{gibibytes}Gi" for gibibytes in range(34)), "1G", "1e3Mi"]
_SIZES = st.builds(
    ServiceSize,
    min_instances=st.integers(0, 1100),
    max_instances=st.integers(1, 1100),
    concurrency=st.just(1) | st.integers(0, 1100),
    cpu=st.sampled_from(["0.5", "1", "2"]),
    memory=st.sampled_from(["512Mi", "1Gi", "4Gi"]),
)
_NAMES = st.text(max_size=80) | st.text("abcdefgoogle013-._:", max_size=80)


def _refuses(check: Any, *arguments: object, **named: object) -> bool:  # noqa: ANN401  # any function
    try:
        check(*arguments, **named)
    except ApiError:
        return True
    return False


def _cloud_run_refuses(container: dict[str, Any], size: ServiceSize, **service: object) -> bool:
    """Send what the program sends for a service of that size."""
    resources = {"limits": {"cpu": size.cpu, "memory": size.memory}, "cpuIdle": True}
    template = {
        "containers": [{"image": "scratch", "resources": resources} | container],
        "maxInstanceRequestConcurrency": size.concurrency,
    }
    scaling = {"minInstanceCount": size.min_instances, "maxInstanceCount": size.max_instances}
    return _refuses(
        complete_declaration,
        {"template": template, "scaling": scaling} | service,
        "CreateServiceRequest",
        region="europe-west1",
        project_number="1",
        assumptions=_STRICT,
    )


def _reasons_of_settings(size: ServiceSize) -> list[str]:
    """Return why the settings refuse a size, for reasons that are not Cloud Run's rules."""
    own = {
        "a size has one spelling": not (
            vendor_rules.CPU.accepts(size.cpu) and vendor_rules.MEMORY.accepts(size.memory)
        ),
        "a region's quota": size.max_instances > vendor_rules.MOST_INSTANCES,
        "0 is Cloud Run's default, which the settings spell out": size.concurrency == 0,
    }
    return [reason for reason, holds in own.items() if holds]


def _settings_refuse(size: ServiceSize) -> bool:
    return (
        bool(_reasons_of_settings(size))
        or size.concurrency > vendor_rules.MOST_REQUESTS
        or next(size.problems(), None) is not None
    )


def _assert_alike(size: ServiceSize) -> None:
    refused = _cloud_run_refuses({}, size)
    assert _settings_refuse(size) == refused or (not refused and _reasons_of_settings(size)), size


def test_each_cpu_and_memory_is_refused_by_settings_and_cloud_run_alike() -> None:
    for cpu, memory in itertools.product(_CPUS, _MEMORIES):
        _assert_alike(ServiceSize(cpu=cpu, memory=memory, concurrency=1))


@given(_SIZES)
@example(ServiceSize(cpu="0.5", concurrency=80))
@example(ServiceSize(min_instances=6, max_instances=5))
def test_instances_and_concurrency_are_refused_by_settings_and_cloud_run_alike(size: ServiceSize) -> None:
    _assert_alike(size)


@given(st.from_regex(vendor_rules.REGION.pattern, fullmatch=True))
def test_a_region_that_the_settings_accept_is_unlisted_at_most(region: str) -> None:
    """The list of regions grows, so the settings accept what looks like one."""
    assert not _refuses(check_region, region, Assumptions(has_unlisted_regions=True))


@pytest.mark.parametrize(
    "region", ["africa-south1", "asia-northeast3", "europe-southwest1", "me-central2", "northamerica-northeast1"]
)
def test_a_listed_region_is_accepted_by_the_settings(region: str) -> None:
    assert vendor_rules.REGION.accepts(region)
    assert not _refuses(check_region, region, _STRICT)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_base_image_of_each_runtime_is_answered_as_it_is_sent(runtime: str) -> None:
    path = base_image("europe-west1", runtime)

    assert full_path(path, "us-west1", _STRICT) == path
    assert full_path(runtime, "europe-west1", _STRICT) == path


@given(st.from_regex(vendor_rules.IMAGE.pattern, fullmatch=True))
def test_an_image_that_the_settings_accept_is_never_refused(image: str) -> None:
    assert not _cloud_run_refuses({"image": image}, ServiceSize())


@given(_NAMES)
def test_the_names_made_of_a_stack_are_never_refused(text: str) -> None:
    assert not _refuses(check_service_id, google_name(text, 49))
    assert not _refuses(check_account_id, google_name(text, 30))
    assert not _cloud_run_refuses({}, ServiceSize(), labels={"stack": label(text)})


@given(_NAMES)
@example("google-x")
@example("proj-g00gl3-x")
def test_a_bucket_name_is_refused_by_settings_and_cloud_storage_alike(text: str) -> None:
    name = google_name(text, 63)

    assert (next(bucket_name_problems(name), None) is not None) == _refuses(check_bucket_name, name)
