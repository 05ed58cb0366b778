"""The feedback store: corrections in, committed before they are acknowledged; corrected articles out, page by page."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from quotestance.service.feedback.correction import CorrectedArticle, Correction, Receipt
from quotestance.service.feedback.database import (
    FeedbackUnavailableError,
    is_outage,
    open_engine,
    reason,
    words_of_driver,
    writing,
)
from quotestance.service.feedback.location import Location
from quotestance.service.feedback.queries import add_correction, read_page
from quotestance.service.feedback.schema_version import bring_up_to_date
from quotestance.service.logs import log_event

_TRIES = 5
_BETWEEN_OPENINGS = 2.0  # seconds; between them requests are refused at once

T = TypeVar("T")


class FeedbackStore:
    """Corrections in one database; may be used from several threads.

    Making one connects to nothing. The tables are made or brought up to date by `open`, or by the first call that
    needs them. Every method but `close` raises FeedbackUnavailableError where the database cannot be used now.
    """

    def __init__(self, location: Location) -> None:
        """Raises InputError where a package for this database is missing."""
        self.location = location
        self.engine = open_engine(location.url)
        self._opening = threading.Lock()
        self._opened = False
        self._refuse_until = 0.0
        self._outage: str | None = None

    def open(self) -> None:
        """Make the tables, or bring them up to date."""
        self._using(lambda: None)

    def open_soon(self) -> None:
        """The same in a thread of its own; where it cannot be done now, the log says so."""

        def attempt() -> None:
            with suppress(FeedbackUnavailableError):
                self.open()

        threading.Thread(target=attempt, name="feedback opening", daemon=True).start()

    def add(self, correction: Correction) -> Receipt:
        """Keep a correction; when this returns, it is on the disk.

        A correction that is in force already is not kept twice.
        """
        return self._using(lambda: self._add(correction))

    def page(self, after: int = 0, since: datetime | None = None, model: str | None = None) -> list[CorrectedArticle]:
        """The next articles whose `number` is over `after`, empty at the end; with the corrections in force that came
        at `since` or later, about predictions of that model version."""
        return self._using(lambda: self._page(after, since, model))

    def articles(self, since: datetime | None = None, model: str | None = None) -> Iterator[CorrectedArticle]:
        """All pages, one after the other."""
        after = 0
        while page := self.page(after, since, model):
            yield from page
            after = page[-1].number

    def close(self) -> None:
        self.engine.dispose()

    def _using(self, action: Callable[[], T]) -> T:
        with self._outages_noted():
            self._ensure_open()
            return action()

    def _ensure_open(self) -> None:
        with self._opening:
            if self._opened:
                return
            if self._outage is not None and time.monotonic() < self._refuse_until:
                raise FeedbackUnavailableError(self._outage)
            try:
                if self.location.make_folder and self.location.file:
                    self.location.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                bring_up_to_date(self.engine)
            except BaseException:
                self._refuse_until = time.monotonic() + _BETWEEN_OPENINGS
                raise
            self._opened = True

    @contextmanager
    def _outages_noted(self) -> Iterator[None]:
        """Failures of the database become FeedbackUnavailableError; the log has a line when they begin and end."""
        try:
            yield
        except FeedbackUnavailableError as error:
            self._note(str(error), error)
            raise
        except OSError as error:
            words = f"its folder cannot be made: {error.strerror}"
            self._note(words, error)
            raise FeedbackUnavailableError(words) from error
        except SQLAlchemyError as error:
            if not is_outage(error):
                raise
            self._opened = False  # what comes back may be another database: an empty one, an older copy
            self._note(reason(error), error)
            raise FeedbackUnavailableError(reason(error)) from error
        self._note(None)

    def _note(self, outage: str | None, error: BaseException | None = None) -> None:
        before, self._outage = self._outage, outage
        if outage and not before:
            problem = words_of_driver(error)
            told: dict[str, Any] = {"database": str(self.location), "reason": outage}
            told |= {"driver": problem} if problem else {}
            log_event(logging.ERROR, "feedback database unavailable", error, **told)
        elif before and not outage:
            log_event(logging.INFO, "feedback database available again", database=str(self.location))

    def _add(self, correction: Correction) -> Receipt:
        for left in reversed(range(_TRIES)):
            try:
                with writing(self.engine).begin() as connection:
                    return add_correction(connection, correction)
            except DBAPIError as error:
                # the statement was corrected by two at once, or the connection broke, perhaps after the commit:
                # either way the next try sees what is there
                if not left or not (isinstance(error, IntegrityError) or error.connection_invalidated):
                    raise
        raise AssertionError

    def _page(self, after: int, since: datetime | None, model: str | None) -> list[CorrectedArticle]:
        with self.engine.begin() as connection:
            return read_page(connection, after, since, model)
