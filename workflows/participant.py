"""The shell of a participant's case: order (one lock), time (one timer) and effects. It decides nothing.

Everything it acts on was decided in `record` and stands in the ledger, so its history replays under any rules. Its only input is the stream's id; whatever
begins a run (opening, continue-as-new, recovery) begins it by restoring the case from the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.checkins import CheckIns
    from activities.escalations import Escalations
    from activities.record import Recorder, RecordOrder, Restored
    from activities.reviews import Reviews
    from workflows import options, wire
    from workflows.case.commands import parse_command, stands_in
    from workflows.case.folded import FOLDED
    from workflows.case.state import Case
    from workflows.core.envelope import MAX_COMMAND_BYTES, Envelope, Recorded, Start
    from workflows.core.kinds import CLOCK, ENGINE, SYSTEM_ACTORS
    from workflows.core.notice import Delivery, Notice, NoticeOrder
    from workflows.core.receipt import Receipt
    from workflows.core.refusal import Refused
    from workflows.failures import FAILED, cause, is_fork, readable, reason

_EFFECTS: dict[str, Callable[[Any, NoticeOrder], Awaitable[Delivery]]] = {
    "check_in": CheckIns.remind,
    "escalation": Escalations.escalate,
    "review": Reviews.notify,
}


@workflow.defn(name=wire.WORKFLOW)
class ParticipantWorkflow:
    """One case, for years: every command and every passing of time goes through `submit`'s lock to the ledger."""

    @workflow.init
    def __init__(self, start: Start) -> None:  # noqa: ARG002 - a run serves the stream whose id it bears, whatever it was begun with
        self._case = Case(stream=workflow.info().workflow_id)
        self._lock = asyncio.Lock()
        self._restored = False
        self._finished = False
        self._unavailable = False
        self._fork = ""
        self._wake: datetime | None = None
        self._armed: datetime | None = None
        self._reached = workflow.now()
        self._deliveries: dict[str, asyncio.Task[None]] = {}
        self._sending: set[str] = set()
        self._behind = False
        self._commands = 0

    @workflow.run
    async def run(self, start: Start) -> None:
        """Restore, then keep time until the case is finished; a long run hands over to the next by continue-as-new."""
        await self._restore()
        while not (self._finished and self._settled()):
            if self._renewal_is_due() and self._may_renew():
                workflow.continue_as_new(start)
            if self._is_due() or self._behind:
                self._behind = False
                await self._elapse()
            else:
                await self._sleep()

    @workflow.update(name="submit", description="One command to the case; answered with a receipt, or refused with a cure.")  # fmt: skip
    async def submit(self, envelope: Envelope) -> Receipt:
        """Record the one answer to the command.

        Returns:
            The receipt of the accepted command's entry.

        Raises:
            ApplicationError: `Refused` (details: the refusal, its receipt), `LedgerUnavailable`, or `LedgerFork`.
        """
        await workflow.wait_condition(lambda: self._restored)
        recorded = await self._record(envelope)
        receipt = Receipt(stream=self._case.stream, position=recorded.answered_at, hash=recorded.answer_hash)
        if recorded.refusal is not None:
            refusal = recorded.refusal.model_dump(mode="json", include={"code", "why", "cure"})
            raise ApplicationError(recorded.refusal.code, refusal, receipt, type=wire.REFUSED, non_retryable=True)
        return receipt

    @submit.validator
    def _check_shape(self, envelope: Envelope) -> None:
        if envelope.actor in SYSTEM_ACTORS:
            raise ApplicationError("this actor is the engine's own", type=wire.MALFORMED, non_retryable=True)
        if envelope.size > MAX_COMMAND_BYTES:
            raise ApplicationError(f"a command is at most {MAX_COMMAND_BYTES} bytes", type=wire.MALFORMED, non_retryable=True)  # fmt: skip
        if stands_in(envelope.command):
            # Somebody reached Temporal past the door: that is to be on record. Nothing of what they sent is.
            return
        try:
            parse_command(envelope.command)
        except Refused as refused:
            # Turned away here it leaves no trace: whatever stands in a wrong field, perhaps words that belong in the vault, enters no history.
            raise ApplicationError(refused.why, type=wire.MALFORMED, non_retryable=True) from None

    @workflow.query(name="case", description="The case as the workflow holds it: the fold of the ledger up to its position.")  # fmt: skip
    def case(self) -> Case:
        """The case as the workflow holds it.

        Raises:
            ApplicationError: a run that has not read the ledger yet, or could not, says so: an empty case would be a wrong answer.
        """
        if self._case.position == 0:
            raise ApplicationError(self._fork or "the case is being restored from the ledger")
        return self._case

    @workflow.query(name="stopped", description="Why the case is stopped; empty while it goes on.")
    def stopped(self) -> str:
        """Why the case is stopped (the ledger and the workflow disagree about the past); empty while it goes on."""
        return self._fork

    @workflow.signal(name="nudge", description="Look again at what is due. Losing it costs nothing.")
    def nudge(self) -> None:
        """Wake the workflow, so that it hears of a newer worker build; anything that matters is an update."""
        self._armed = None

    @workflow.signal(name="catch_up", description="Something was recorded beside the run: take it in. Losing it costs nothing: the next command does the same.")  # fmt: skip
    def catch_up(self) -> None:
        """Take in what the ledger holds beyond the case: the clock's command brings it along, and records nothing where nothing is due."""
        # A build that did not know the signal let it pass; where that is replayed it passes again.
        self._behind = workflow.patched("catch_up")

    # Time

    def _now(self) -> datetime:
        """Now, and never before an instant whose timer fired: a worker that took the case over for a query has been seen to tell the time of its last act."""
        return max(workflow.now(), self._reached)

    def _is_due(self) -> bool:
        # By what history holds, a fired timer or a recorded entry, never by the clock: behind a local activity a replay tells a moment's difference.
        return self._wake is not None and self._wake <= self._reached and not self._fork

    async def _sleep(self) -> None:
        """Sleep until the next instant that matters; a wake that moved later is left to find nothing due."""
        now = self._now()
        until = min(self._wake or now + options.LONGEST_SLEEP, now + options.LONGEST_SLEEP)
        self._armed = until
        try:
            await workflow.wait_condition(
                self._disturbed, timeout=None if self._fork else max(until - now, options.SHORTEST_SLEEP), timeout_summary="until something is due"
            )  # fmt: skip
        except TimeoutError:
            self._reached = max(self._reached, until)

    def _disturbed(self) -> bool:
        moved_earlier = self._armed is None or (self._wake is not None and self._wake < self._armed and not self._fork)
        ends = (self._finished and self._settled()) or (self._renewal_is_due() and self._may_renew())
        return moved_earlier or ends or self._behind

    async def _elapse(self) -> None:
        """Send the clock's command until it is recorded."""
        envelope = Envelope(command_id=f"clock/{workflow.uuid4()}", actor=CLOCK, command={"type": "elapsed"})
        recorded = await self._submit_surely(envelope)
        if recorded is not None and self._is_due() and (recorded.refusal is not None or not recorded.entries):
            # A rule that does not let time pass must not fill the history.
            await workflow.sleep(options.STUCK_PAUSE, summary="the passing of time was not accepted")

    async def _submit_surely(self, envelope: Envelope) -> Recorded | None:
        """A command of the engine's own: it waits out any outage, without holding the lock meanwhile.

        None if it was left to the next run, which takes it up from the ledger, or to nobody, after a fork.
        """
        tries = 0
        while not self._fork:
            try:
                return await self._record(envelope)
            except ApplicationError as error:
                if error.type != wire.LEDGER_UNAVAILABLE or self._renewal_is_due():
                    return None
            if tries > 0:
                # The ledger answers, and still not to this command: nothing is gained by haste.
                await workflow.sleep(options.STUCK_PAUSE, summary="the ledger answers, but not to this command")
            tries += 1
            await workflow.execute_activity_method(
                Recorder.wait_for_ledger, start_to_close_timeout=options.LEDGER_PROBE, retry_policy=options.FOR_EVER,
                summary="the ledger is out of reach",
            )  # fmt: skip
        return None

    # Runs

    def _renewal_is_due(self) -> bool:
        info = workflow.info()
        return not self._fork and (
            self._commands >= options.COMMANDS_PER_RUN
            or info.is_continue_as_new_suggested()
            or self._reached - info.start_time >= options.LONGEST_RUN
        )

    def _settled(self) -> bool:
        """No handler at work and no delivery under way: the run may end without abandoning anything."""
        return self._idle() and not self._deliveries

    def _idle(self) -> bool:
        return workflow.all_handlers_finished() and not self._lock.locked()

    def _may_renew(self) -> bool:
        """Settled; or idle, once deliveries have held the run up for too long: the next run takes them up from the ledger."""
        return self._settled() or (self._commands >= options.MOST_COMMANDS_PER_RUN and self._idle())

    async def _restore(self) -> None:
        try:
            self._hold(await self._read_ledger())
        except FAILED as error:
            # Whatever else went wrong is tried for ever; the case stays, stopped, and says why.
            if not self._note_fork(error):
                raise
        self._restored = True

    async def _read_ledger(self) -> Restored:
        try:
            return readable(await workflow.execute_local_activity_method(
                Recorder.restore, self._case.stream, start_to_close_timeout=options.RESTORE_AT_ONCE, retry_policy=options.ONE_TRY
            ), Restored)  # fmt: skip
        except FAILED as error:
            if is_fork(error):
                raise
        while True:
            try:
                return readable(await workflow.execute_activity_method(
                    Recorder.restore, self._case.stream, start_to_close_timeout=options.RESTORE_TRY, retry_policy=options.FOR_EVER,
                    summary="restoring the case from the ledger",
                ), Restored)  # fmt: skip
            except ApplicationError:
                await workflow.sleep(options.STUCK_PAUSE, summary="what was read could not be opened")

    def _hold(self, restored: Restored) -> None:
        self._case, self._wake, self._finished = restored.case, restored.next_wake, restored.finished
        self._deliver(restored.effects)
        self._tell()

    # The ledger

    async def _record(self, envelope: Envelope) -> Recorded:
        """Have the command decided and appended, one at a time; then act on what was recorded."""
        async with self._lock:
            if self._fork:
                raise ApplicationError(self._fork, type=wire.LEDGER_FORK, non_retryable=True)
            recorded = await self._decide(RecordOrder.about(self._case, envelope, self._now()))
            self._unavailable = False
            self._commands += 1
            self._case = FOLDED.follow(self._case, recorded.entries)
            self._wake, self._finished = recorded.next_wake, recorded.finished
            self._reached = max((self._reached, *(entry.at for entry in recorded.entries)))
            self._stop_delivering(recorded.stopped)
            self._deliver(recorded.effects)
            self._tell()
            return recorded

    async def _decide(self, order: RecordOrder) -> Recorded:
        try:
            return readable(await workflow.execute_local_activity_method(
                Recorder.record, order, start_to_close_timeout=options.RECORD_AT_ONCE, retry_policy=options.ONE_TRY
            ), Recorded)  # fmt: skip
        except FAILED as error:
            self._stop_on_fork(error)
            if self._unavailable:
                # Whoever waited behind the first to hear it hears it at once.
                self._raise_unavailable()
        try:
            return await self._decide_with_patience(order)
        except FAILED as error:
            self._stop_on_fork(error)
            self._unavailable = True
            self._raise_unavailable()

    async def _decide_with_patience(self, order: RecordOrder) -> Recorded:
        return readable(await workflow.execute_activity_method(
            Recorder.record, order, start_to_close_timeout=options.RECORD_TRY, schedule_to_close_timeout=options.RECORD_PATIENCE,
            retry_policy=options.RECORD_RETRY, summary="the ledger did not answer at once",
        ), Recorded)  # fmt: skip

    def _raise_unavailable(self) -> NoReturn:
        raise ApplicationError(
            "the ledger did not answer; nothing is known to be decided", type=wire.LEDGER_UNAVAILABLE, non_retryable=True
        )  # fmt: skip

    def _stop_on_fork(self, error: FailureError) -> None:
        if self._note_fork(error):
            raise ApplicationError(self._fork, type=wire.LEDGER_FORK, non_retryable=True)

    def _note_fork(self, error: FailureError) -> bool:
        if not is_fork(error):
            return False
        self._fork = cause(error).message
        workflow.logger.error("ledger fork: the case is stopped")
        self._tell()
        return True

    # Effects

    def _deliver(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            if notice.key not in self._deliveries:
                self._sending.add(notice.key)
                self._deliveries[notice.key] = asyncio.create_task(self._perform(notice))

    def _stop_delivering(self, keys: Iterable[str]) -> None:
        # One that is being reported has arrived, or failed, already.
        for key in sorted(self._sending.intersection(keys)):
            self._sending.discard(key)
            self._deliveries.pop(key).cancel()

    async def _perform(self, notice: Notice) -> None:
        try:
            delivery = readable(await workflow.execute_activity_method(
                _EFFECTS[notice.effect], NoticeOrder(stream=self._case.stream, notice=notice, at=self._now()),
                start_to_close_timeout=options.DELIVERY_TRY, schedule_to_close_timeout=options.DELIVERY_PATIENCE,
                retry_policy=options.DELIVERY_RETRY, summary=f"{notice.template}: {notice.about}",
            ), Delivery)  # fmt: skip
        except FAILED as error:
            delivery = Delivery(key=notice.key, outcome="failed", channel="none", reason=reason(error))
        if notice.key not in self._sending:
            return
        self._sending.discard(notice.key)
        try:
            report = {"type": "record_delivery", "delivery": delivery.model_dump(mode="json", exclude_none=True)}
            await self._submit_surely(Envelope(command_id=f"delivery/{notice.key}", actor=ENGINE, command=report))
        finally:
            self._deliveries.pop(notice.key, None)

    def _tell(self) -> None:
        """What Temporal's UI shows: where the case stands, in codes."""
        case = self._case
        where = self._fork or (case.phase.phase or "not opened")
        workflow.set_current_details(
            f"**{where}** · position {case.position} · {len(case.obligations)} obligations open · next {self._wake or 'none'}"
        )
