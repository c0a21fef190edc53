"""A queued error or fault meets the next request that matches it, once."""

from emulators.kit.faults import FaultQueue


def test_an_error_waits_for_a_request_that_matches() -> None:
    queue = FaultQueue[str, str]()
    queue.queue_error("refused", method="PATCH", path="/connections/*")

    assert queue.next_error("GET", "/connections/1") is None
    assert queue.next_error("PATCH", "/clients/1") is None
    assert queue.next_error("PATCH", "/connections/1/clients") == "refused"
    assert queue.next_error("PATCH", "/connections/1/clients") is None


def test_errors_come_in_the_order_in_which_they_were_queued() -> None:
    queue = FaultQueue[str, str]()
    queue.queue_error("first", times=2)
    queue.queue_error("second")

    assert [queue.next_error("GET", "/") for _ in range(4)] == ["first", "first", "second", None]


def test_errors_and_faults_are_queued_apart_and_cleared_together() -> None:
    queue = FaultQueue[str, str]()
    queue.queue_fault("lost")
    assert queue.next_error("GET", "/") is None
    queue.queue_error("refused")

    queue.clear_faults()

    assert (queue.next_error("GET", "/"), queue.next_fault("GET", "/")) == (None, None)
