"""What wants to be told of the engine's work: metrics, for the service."""

from typing import Literal, Protocol

SwapOutcome = Literal["swapped", "unchanged", "rolled back"]


class Observer(Protocol):
    """Called from the workers' threads, and for models from the one that loads them."""

    def batch_done(self, items: int, tokens: int, seconds: float, tokenise: float, inference: float) -> None: ...

    def waited(self, seconds: float) -> None: ...

    def dropped(self, reason: Literal["gone", "late"]) -> None: ...

    def item_failed(self) -> None: ...

    def model_tried(self, outcome: SwapOutcome, seconds: float) -> None: ...


class NoObserver:
    """Lets everything pass."""

    def batch_done(self, items: int, tokens: int, seconds: float, tokenise: float, inference: float) -> None:
        pass

    def waited(self, seconds: float) -> None:
        pass

    def dropped(self, reason: Literal["gone", "late"]) -> None:
        pass

    def item_failed(self) -> None:
        pass

    def model_tried(self, outcome: SwapOutcome, seconds: float) -> None:
        pass
