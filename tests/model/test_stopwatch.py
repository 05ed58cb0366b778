import threading

from quotestance.model.stopwatch import stopwatch, timed


@timed("tokenise")
def slow() -> str:
    threading.Event().wait(0.01)
    return "done"


def test_time_is_counted_to_its_stage_within_the_block_only() -> None:
    assert slow() == "done"
    with stopwatch() as seconds:
        slow()
        slow()
    slow()
    assert 0.02 <= seconds["tokenise"] < 0.2
    assert seconds["inference"] == 0


def test_each_thread_has_its_own() -> None:
    with stopwatch() as seconds:
        thread = threading.Thread(target=slow)
        thread.start()
        thread.join()
    assert seconds["tokenise"] == 0
