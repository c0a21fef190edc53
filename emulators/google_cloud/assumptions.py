"""Assumptions about undocumented behaviour of Google Cloud."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Assumptions:
    """The defaults are the strictest; tests/unit/emulators/google_cloud/test_assumptions.py tests each other value."""

    activation_seconds: float = 120
    """Until an enabled API takes calls; reports say minutes: hashicorp/terraform-provider-google#8214."""

    cold_start_needs_archive: bool = True
    """Whether an instance fails to start when the archive's object is gone: no document says what Cloud Run keeps."""

    deployer_reads_archive: bool = True
    """Whether deploying an archive takes storage.objects.get on it: no document says so, storage.admin has it."""

    expands_base_images: bool = True
    """Whether answers give a base image by its full path: each one seen does, as in firebase-tools src/gcp/runv2.ts."""

    google_24_has_python313: bool = False
    """Whether google-24 has Python 3.13: run/docs/runtimes/python says no, buildpacks/base-images says yes."""

    has_unlisted_regions: bool = False
    """Whether Cloud Run is in regions that the list of run/docs/locations, as it was read, does not have."""

    people_need_quota_project: bool = True
    """Whether all APIs refuse user credentials without a quota project; seen for some: golang/oauth2#702."""

    service_scaling_is_checked: bool = True
    """Whether the service's own scaling is refused like the template's, which was seen: goblet/goblet#287."""

    startup_seconds: int = 240
    """The most that failureThreshold x periodSeconds of a startup probe may be: 240 for services, 600 for jobs."""
