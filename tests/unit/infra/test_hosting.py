"""What the component's optional arguments change in Google Cloud."""

from infra.cloud_run_settings import Hosting
from infra.tiktok_login import TikTokLogin
from tests.support.infra.declaring import Recorder, run

_CONFIG = {"gcp:project": "example-project", "gcp:region": "europe-west1", "auth0:domain": "example.eu.auth0.com"}
_BUCKET, _SERVICE = "storage/bucket:Bucket", "cloudrunv2/service:Service"


def _hosted(hosting: Hosting) -> Recorder:
    def program() -> None:
        TikTokLogin("login", {"client_key": "aw123", "client_secret": "s3cr3t-one", "hosting": hosting})

    return run(program, Recorder(), "dev", _CONFIG, project="shop")


def test_a_key_encrypts_the_bucket_that_is_created() -> None:
    key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    bucket = _hosted({"kms_key": key}).only(_BUCKET)
    assert bucket.inputs["encryption"] == {"defaultKmsKeyName": key}


def test_a_bucket_of_the_team_holds_the_archive_and_none_is_created() -> None:
    stack = _hosted({"archive_bucket": "shop-archives"})
    assert stack.all(_BUCKET) == []
    assert stack.only("storage/bucketObject:BucketObject").inputs["bucket"] == "shop-archives"
    (container,) = stack.only(_SERVICE).inputs["template"]["containers"]
    assert container["sourceCode"]["cloudStorageSource"]["bucket"] == "shop-archives"


def test_a_service_account_of_the_team_is_used_and_none_is_created() -> None:
    email = "shop@example-project.iam.gserviceaccount.com"
    stack = _hosted({"service_account": email})
    assert stack.all("serviceaccount/account:Account") == []
    assert stack.only(_SERVICE).inputs["template"]["serviceAccount"] == email


def test_labels_come_to_service_and_bucket_beside_our_own() -> None:
    stack = _hosted({"labels": {"cost-center": "shop"}})
    assert stack.only(_BUCKET).inputs["labels"] == {"cost-center": "shop"}
    assert stack.only(_SERVICE).inputs["labels"] == {
        "cost-center": "shop",
        "stack": "dev",
        "version": "0-1-0-0123456789ab",
    }


def test_project_and_region_come_from_the_arguments_first() -> None:
    stack = _hosted({"project": "other-project", "region": "us-east1"})
    service = stack.only(_SERVICE).inputs
    assert (service["project"], service["location"]) == ("other-project", "us-east1")
    assert stack.only(_BUCKET).inputs["name"] == "other-project-login-proxy-dev"
