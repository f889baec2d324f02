"""Shared by adapters: facts about one call that blocks, pauses, spawns, limits time or talks to a remote party."""

from __future__ import annotations

from shearpin.adapterkit.build import Basis, made
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import (
    UNKNOWN_TIMEOUT,
    Blocking,
    ClientCreated,
    Remedy,
    RemoteCall,
    RetryPolicy,
    Sleep,
    Spawn,
    Timeout,
    TimeoutRegion,
)
from shearpin.facts.site import FunctionId
from shearpin.facts.value import Value


def blocking(
    call: ResolvedCall, library: str, what: str, kind: str, *remedies: Remedy, can_fail: bool = True
) -> Blocking:
    """A call that blocks its thread without being remote."""
    return Blocking(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=True,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        what=what,
        kind=kind,
        can_fail=can_fail,
        remedies=remedies,
    )


def sleep(call: ResolvedCall, library: str, seconds: Value, *remedies: Remedy, is_blocking: bool) -> Sleep:
    """A pause."""
    return Sleep(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=is_blocking,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        seconds=seconds,
        remedies=remedies,
    )


def spawn(
    call: ResolvedCall, library: str, kind: str, target: FunctionId | None, *, is_supervised: bool, usage: str = ""
) -> Spawn:
    """A task or thread is started; `usage` when not that of the call counts."""
    return Spawn(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=False,
        is_awaited=call.is_awaited,
        usage=usage or call.usage,
        result_name=call.result_name,
        kind=kind,
        target=target,
        is_supervised=is_supervised,
    )


def remote(
    call: ResolvedCall,
    library: str,
    where: tuple[str, Value, Value],
    timeout: Timeout,
    *remedies: Remedy,
    is_blocking: bool,
) -> RemoteCall:
    """A request that is not HTTP; `where` is protocol, target and operation."""
    protocol, target, operation = where
    return RemoteCall(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        is_blocking=is_blocking,
        is_awaited=call.is_awaited,
        usage=call.usage,
        result_name=call.result_name,
        protocol=protocol,
        target=target,
        operation=operation,
        timeout=timeout,
        remedies=remedies,
    )


def region(call: ResolvedCall, library: str, form: str, seconds: Value) -> TimeoutRegion:
    """Everything inside ends after some seconds."""
    return TimeoutRegion(
        site=call.site, head=call.head, function=call.function, library=library, form=form, seconds=seconds
    )


def client_created(
    call: ResolvedCall, library: str, target: Value, timeout: Timeout = UNKNOWN_TIMEOUT, *remedies: Remedy
) -> ClientCreated:
    """A pooled HTTP client is constructed."""
    return ClientCreated(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        protocol="http",
        client=made(call),
        target=target,
        is_costly=True,
        usage=call.usage,
        timeout=timeout,
        remedies=remedies,
    )


def connection_created(
    call: ResolvedCall, library: str, protocol: str, target: Value, timeout: Timeout, *remedies: Remedy
) -> ClientCreated:
    """A single connection is constructed, which nobody would share."""
    return ClientCreated(
        site=call.site,
        head=call.head,
        function=call.function,
        library=library,
        protocol=protocol,
        client=made(call),
        target=target,
        is_costly=False,
        usage=call.usage,
        timeout=timeout,
        remedies=remedies,
    )


def retry_policy(  # noqa: PLR0913 - one parameter for each thing a policy says
    place: Basis,
    form: str,
    limits: tuple[Value, Value],
    wait: str,
    around: FunctionId | None,
    failures: tuple[str, ...] | None,
    *remedies: Remedy,
    wait_seconds: float | None = None,
    raises_last: bool = True,
) -> RetryPolicy:
    """A declared retry; `limits` are attempts and deadline, `wait_seconds` the pause of a fixed wait."""
    return RetryPolicy(
        site=place.site,
        head=place.head,
        function=place.function,
        library=place.library,
        form=form,
        attempts=limits[0],
        deadline=limits[1],
        wait=wait,
        around=around,
        failures=failures,
        wait_seconds=wait_seconds if wait == "fixed" else None,
        raises_last=raises_last,
        remedies=remedies,
    )
