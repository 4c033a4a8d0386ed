"""BatchRecognize: a stream of items in, a stream of answers out.

At most ``in_flight`` items are in hand, counted from their arrival until their answer has left, so
that a client that sends fast or reads slowly makes the stream wait and not the memory grow. What
the items of all streams hold together is bounded likewise: one item of each stream waits for room.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from dataclasses import dataclass
from functools import partial

from ocr_service import convert
from ocr_service.api_keys import ApiKey
from ocr_service.config import Settings
from ocr_service.deadline import OUT_OF_TIME, Deadline
from ocr_service.errors import Cancelled, DeadlineExceeded, OcrError, OptionInvalid, StreamProtocol
from ocr_service.lifecycle import Lifecycle
from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from ocr_service.rate_limits import RateLimits
from ocr_service.recognizer import Recognizer
from ocr_service.status import code_number, known

Answer = batch_pb2.BatchRecognizeResponse


@dataclass(eq=False, slots=True)
class _Item:
    item_id: str
    size: int
    cancelled: bool = False
    task: asyncio.Task[recognize_pb2.RecognizeResponse] | None = None
    answer: Answer | None = None


class Batch:
    """One stream. Make one for each call and iterate over `answers`."""

    def __init__(
        self,
        recognizer: Recognizer,
        settings: Settings,
        lifecycle: Lifecycle,
        limits: RateLimits,
        caller: ApiKey,
    ) -> None:
        self._recognizer = recognizer
        self._settings = settings
        self._lifecycle = lifecycle
        self._limits = limits
        self._caller = caller
        self._config = batch_pb2.BatchConfig()
        self._slots = asyncio.Semaphore(settings.batch_in_flight)
        self._arriving: str | None = None  # an item that was received and waits for a slot
        self._in_hand: dict[str, _Item] = {}
        self._in_order: deque[_Item] = deque()
        self._ready: asyncio.Queue[Answer | None] = asyncio.Queue()
        self._summary = batch_pb2.BatchSummary()

    async def answers(
        self, requests: AsyncIterator[batch_pb2.BatchRecognizeRequest], deadline: Deadline
    ) -> AsyncGenerator[Answer]:
        """Yield an answer for each item, and a summary.

        Raises:
            StreamProtocol: The messages came in an order that they cannot have.
            OptionInvalid: The stream's settings are wrong.
            DeadlineExceeded: The time for the whole stream ran out.
        """
        feeding = asyncio.create_task(self._feed(requests, deadline))
        try:
            while (answer := await self._ready.get()) is not None:
                yield answer
                self._slots.release()
            await feeding  # raises what was wrong with the stream
            yield Answer(summary=self._summary)
        finally:
            feeding.cancel()
            self._stop_all()

    async def _feed(
        self, requests: AsyncIterator[batch_pb2.BatchRecognizeRequest], deadline: Deadline
    ) -> None:
        """Start items until the stream ends or the server drains; wait for those in hand."""
        reading = asyncio.create_task(self._take(requests, deadline))
        try:
            await _first(deadline, reading, self._lifecycle.draining.wait())
            sent_all = reading.done()
            reading.cancel()
            await _first(deadline, self._all_answered(), self._lifecycle.over.wait())
            unprocessed = [*self._in_hand, *([] if self._arriving is None else [self._arriving])]
            self._summary.unprocessed_item_ids.extend(unprocessed)
            self._summary.drained = not sent_all or bool(unprocessed)
            if sent_all:
                await reading
        finally:
            reading.cancel()
            self._ready.put_nowait(None)

    async def _take(
        self, requests: AsyncIterator[batch_pb2.BatchRecognizeRequest], deadline: Deadline
    ) -> None:
        at_start = True
        async for request in requests:
            match request.WhichOneof("message"):
                case "item":
                    await self._receive(request.item, deadline)
                case "cancel":
                    self._cancel(request.cancel.item_id)
                case "config" if at_start:
                    self._configure(request.config)
                case "config":
                    raise StreamProtocol("Send the config as the first message, or not at all.")
                case _:
                    raise StreamProtocol("Send a config, an item or a cancel in every message.")
            at_start = False

    def _configure(self, config: batch_pb2.BatchConfig) -> None:
        convert.options_from_proto(config.options, self._settings, unmasked=True)  # or refuse now
        if convert.seconds(config.item_timeout) < 0:
            raise OptionInvalid("Give a positive time, or none.", field="config.item_timeout")
        if config.ordering not in batch_pb2.Ordering.values():
            raise OptionInvalid("Choose UNORDERED or IN_ORDER.", field="config.ordering")
        self._config = config

    async def _receive(self, message: batch_pb2.BatchItem, deadline: Deadline) -> None:
        self._summary.received += 1
        self._arriving = message.item_id
        item = _Item(message.item_id, len(message.content))
        await self._slots.acquire()
        await self._recognizer.held.take(item.size)
        self._arriving = None
        self._in_order.append(item)
        if not message.item_id or message.item_id in self._in_hand:
            self._recognizer.held.give_back(item.size)
            error = StreamProtocol("Give every item an item_id that no other item in flight has.")
            self._finish(item, self._error(item, error))
            return
        self._in_hand[item.item_id] = item
        item.task = asyncio.create_task(self._read(message, self._item_deadline(deadline)))
        item.task.add_done_callback(partial(self._ended, item))

    async def _read(
        self, message: batch_pb2.BatchItem, deadline: Deadline
    ) -> recognize_pb2.RecognizeResponse:
        await self._limits.check_pages(self._caller)
        await self._limits.count_request(self._caller)
        options = message.options if message.HasField("options") else self._config.options
        work = self._recognizer.work(
            message.content, message.mime_type, options, caller=self._caller, patient=True
        )
        encoded = await self._recognizer.recognize(work, deadline)
        return recognize_pb2.RecognizeResponse.FromString(encoded)

    def _ended(self, item: _Item, task: asyncio.Task[recognize_pb2.RecognizeResponse]) -> None:
        self._recognizer.held.give_back(item.size)
        if task.cancelled():
            if not item.cancelled:
                return  # the stream is over, and the item stays unprocessed
            answer = self._error(item, Cancelled("The item was cancelled."))
        elif (exc := task.exception()) is not None:
            answer = self._error(item, known(exc))
        else:
            self._summary.succeeded += 1
            result = batch_pb2.BatchItemResult(item_id=item.item_id, response=task.result())
            answer = Answer(result=result)
        del self._in_hand[item.item_id]
        self._finish(item, answer)

    def _error(self, item: _Item, error: OcrError) -> Answer:
        if isinstance(error, Cancelled):
            self._summary.cancelled += 1
        else:
            self._summary.failed += 1
        return Answer(
            error=batch_pb2.BatchItemError(
                item_id=item.item_id,
                code=code_number(error),
                reason=error.reason,
                message=error.message,
                retry_delay=None
                if error.retry_after is None
                else convert.duration(error.retry_after),
            )
        )

    def _finish(self, item: _Item, answer: Answer) -> None:
        item.answer = answer
        if self._config.ordering != batch_pb2.ORDERING_IN_ORDER:
            self._in_order.remove(item)
            self._ready.put_nowait(answer)
        while self._in_order and (first := self._in_order[0].answer) is not None:
            self._in_order.popleft()
            self._ready.put_nowait(first)

    def _cancel(self, item_id: str) -> None:
        item = self._in_hand.get(item_id)
        if item is not None and item.task is not None:
            item.cancelled = True
            item.task.cancel()

    def _stop_all(self) -> None:
        for item in self._in_hand.values():
            if item.task is not None:
                item.task.cancel()

    def _item_deadline(self, stream: Deadline) -> Deadline:
        wanted = convert.seconds(self._config.item_timeout) or self._settings.default_deadline
        return Deadline.after(min(wanted, self._settings.max_deadline, stream.remaining()))

    async def _all_answered(self) -> None:
        tasks = [item.task for item in self._in_hand.values() if item.task is not None]
        if tasks:
            await asyncio.wait(tasks)


async def _first(deadline: Deadline, *awaitables: Awaitable[object]) -> None:
    """Wait until one is done; those that are no tasks yet end with this wait."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        done, _ = await asyncio.wait(
            tasks, timeout=deadline.remaining(), return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for task, awaitable in zip(tasks, awaitables, strict=True):
            if task is not awaitable:
                task.cancel()
    if not done:
        raise DeadlineExceeded(OUT_OF_TIME)
