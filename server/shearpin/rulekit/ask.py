"""What a rule may ask: questions to meaning, flow and graph about one fact, each three-valued."""

from __future__ import annotations

from dataclasses import dataclass

from shearpin.adapterkit.facts import facts_of
from shearpin.facts.fact import (
    BaseEffect,
    BaseFact,
    Binding,
    ClientCreated,
    Effect,
    HttpCall,
    Publish,
    QueueDeclared,
    RetryPolicy,
    Spawn,
    StoreCall,
    Subscribe,
    TaskDefinition,
)
from shearpin.facts.model import Mode
from shearpin.facts.site import FunctionId, Hop, Site
from shearpin.facts.value import Value
from shearpin.flow.confirming import Delivery, delivery, follows_change, is_kept_beside, is_relayed
from shearpin.flow.consumers import Handling, changes_of, declaration, handling, precedes_consuming
from shearpin.flow.contexts import contexts, own_contexts
from shearpin.flow.effects import Reached
from shearpin.flow.lifetimes import Lifetime, client_lifetime
from shearpin.flow.loop_blocking import has_coroutines
from shearpin.flow.order import literal_of
from shearpin.flow.protections import Protection, limit_around, time_limit
from shearpin.flow.regions import enclosing
from shearpin.flow.repeating import Repeats, guard_of, place_of, repeats
from shearpin.flow.retry_loops import retried_effect
from shearpin.flow.settling import Early, Requeue, Unsettled, early_ack, requeues, unsettled
from shearpin.flow.sharing import Sharing, is_one_threads, sharing
from shearpin.flow.tasks import TaskFate, task_fate
from shearpin.flow.ways import describe
from shearpin.graph.calls import CallTarget, call_targets
from shearpin.graph.kinds import Kind, remote_kind
from shearpin.graph.mesh_calls import mesh_limit
from shearpin.graph.orphans import TopicFate, bindings_of, unconsumed, unproduced, worst
from shearpin.graph.task_names import TASK_BROKERS, undefined, unsent
from shearpin.meaning.callers import callers
from shearpin.meaning.calls import calls
from shearpin.meaning.queries import function_info
from shearpin.query import Database
from shearpin.rulekit.resilience import Resilience
from shearpin.rulekit.zones import zone_of
from shearpin.services.classify import PathClass, path_class
from shearpin.services.serving import handles_many


@dataclass(frozen=True, slots=True)
class Ask:
    """The context of one check.

    `hops` tell how the fact's values came from callers, outermost first; `services` are those in which this happens.
    """

    db: Database
    hops: tuple[Hop, ...] = ()
    services: tuple[str, ...] = ()

    def contexts(self, function: FunctionId) -> frozenset[str]:
        """Contexts in which a function runs: "request", "consumer", "task", "startup", "cli", ...; empty if unknown."""
        return contexts(self.db, function)

    def own_contexts(self, function: FunctionId) -> frozenset[str]:
        """Contexts that a registration gives the function itself: a handler of requests, messages, a task, ..."""
        return own_contexts(self.db, function)

    def is_critical(self, function: FunctionId) -> bool:
        """True in a zone that settings call critical, or whose names say so when settings are silent."""
        return zone_of(self.db, function.path, self.services) == "critical"

    def time_limit(self, effect: BaseEffect) -> Protection:
        """Does a time limit around the call or all its callers end it, or one of a service mesh?"""
        around = time_limit(self.db, effect)
        return mesh_limit(self.db, effect, self.services) if around.answer == "no" else around

    def limit_around(self, fact: BaseFact, *, is_blocking: bool) -> Protection:
        """Does a time limit around a retry, or around all its callers, end it?"""
        return limit_around(self.db, fact, is_blocking=is_blocking)

    @property
    def resilience(self) -> Resilience:
        """Questions about retries, breakers, kinds of calls and time budgets."""
        return Resilience(self.db, self.services)

    def retried(self, policy: RetryPolicy) -> Reached | None:
        """The remote effect that a declared retry makes again."""
        return retried_effect(self.db, policy)

    def targets(self, call: HttpCall) -> tuple[CallTarget, ...]:
        """Where the call goes, seen from each of the services, and whether the target serves it."""
        return tuple(target for service in self.services for target in call_targets(self.db, call, service))

    def client_at(self, site: Site) -> ClientCreated | None:
        """The client that is constructed at a place."""
        found = facts_of(self.db, site.path, site.part)
        return next((fact for fact in found if isinstance(fact, ClientCreated) and fact.site == site), None)

    def head(self, site: Site) -> Site:
        """The callee of the call that stands at a place, the place itself when none does."""
        found = calls(self.db, site.path, site.part)
        return next((call.head for call in found if call.site == site), site)

    def lifetime(self, client: ClientCreated) -> Lifetime:
        """How long a client lives."""
        return client_lifetime(self.db, client)

    def fate(self, spawn: Spawn) -> TaskFate:
        """What becomes of a started task or thread."""
        return task_fate(self.db, spawn)

    def handling(self, fact: Subscribe | TaskDefinition) -> Handling | None:
        """The code that treats one message of a subscription; None when it is not found."""
        return handling(self.db, fact)

    def changes(self, where: Handling) -> tuple[Reached, ...]:
        """The effects of treating a message that last."""
        return changes_of(self.db, where)

    def early_ack(self, where: Handling) -> Early | None:
        """An acknowledgement that comes before a change."""
        return early_ack(self.db, where)

    def unsettled(self, fact: Subscribe, where: Handling) -> Unsettled:
        """What becomes of a message whose content makes the code fail."""
        return unsettled(self.db, fact, where)

    def requeues(self, where: Handling) -> tuple[Requeue, ...]:
        """Places at which failed messages are put back."""
        return requeues(self.db, where)

    def declaration(self, fact: Subscribe) -> QueueDeclared | None:
        """How the queue of a subscription is declared, where that is found."""
        return declaration(self.db, fact)

    def consumers_of(self, fact: Publish) -> TopicFate:
        """Does anybody in the workspace consume what is sent here? The worst of the services' answers."""
        if fact.broker in TASK_BROKERS:
            return undefined(self.db, fact)
        return worst([unconsumed(self.db, fact, service) for service in self.services])

    def producers_of(self, fact: Subscribe | TaskDefinition) -> TopicFate:
        """Does anybody in the workspace send what is consumed here?"""
        if isinstance(fact, TaskDefinition):
            return unsent(self.db, fact)
        return worst([unproduced(self.db, fact, service) for service in self.services])

    def bindings(self, fact: Subscribe) -> tuple[Binding, ...]:
        """How the queue of a subscription is bound, in the same file."""
        return bindings_of(self.db, fact)

    def argument(self, fact: BaseFact, value: Value) -> Site | None:
        """The literal text in the call of a fact that has a value."""
        return literal_of(self.db, fact, value)

    def sharing(self, fact: Publish | StoreCall) -> Sharing | None:
        """Whether several threads use an object that belongs to one; None when it may be used by several."""
        return sharing(self.db, fact)

    def handles_many(self) -> bool | None:
        """Whether a process of the services runs several requests at a time; None when that is not said."""
        answers = [handles_many(self.db, service) for service in self.services]
        return True if True in answers else False if answers and None not in answers else None

    def parens(self, site: Site) -> Site | None:
        """The parentheses of the call that stands at a place."""
        found = calls(self.db, site.path, site.part)
        return next((call.parens for call in found if call.site == site), None)

    def delivery(self, fact: Publish) -> Delivery:
        """What becomes of a message between the code and the broker."""
        return delivery(self.db, fact)

    def is_relayed(self, fact: Publish) -> bool:
        """A relay sends the rows of a store and sends them again when it fails."""
        return is_relayed(self.db, fact)

    def is_kept_beside(self, fact: Publish) -> bool:
        """What is sent is also put into the store in the same function."""
        return is_kept_beside(self.db, fact)

    def is_one_threads(self, effect: Effect) -> bool:
        """The call must stay in its thread: several threads would use an object that belongs to one."""
        return is_one_threads(self.db, effect)

    def precedes_consuming(self, fact: BaseFact) -> bool:
        """A function comes to a place before it takes its first message."""
        return precedes_consuming(self.db, fact.function, fact.site)

    def runs_aside(self, function: FunctionId) -> bool:
        """Nothing is known to call a function but threads, tasks or processes that are started for it."""
        edges = callers(self.db, function)
        return bool(edges) and all(edge.callee.mode is not Mode.DIRECT for edge in edges)

    def follows_change(self, fact: Publish) -> bool:
        """The function has written to a store before it sends."""
        return follows_change(self.db, fact)

    def repeats(self, where: Handling) -> Repeats:
        """What is not the same when a message is treated twice."""
        return repeats(self.db, where)

    def guard(self, where: Handling, item: Reached) -> str:
        """What keeps an effect of treating a message from happening twice; "" for nothing."""
        return guard_of(self.db, where, item)

    def place_of(self, where: Handling, item: Reached) -> Site:
        """Where to look for an effect of treating a message."""
        return place_of(self.db, where, item)

    def kind_of(self, effect: BaseEffect) -> Kind:
        """Whether a remote call may be made twice."""
        return remote_kind(self.db, effect, self.services)

    def name(self, function: FunctionId) -> str:
        """A function's name for people."""
        return describe(self.db, function)

    def name_of_callee(self, hops: tuple[Hop, ...]) -> str:
        """The function that the first step calls, for people."""
        return hops[0].note.removeprefix("calls ") if hops else ""

    def is_coroutine(self, function: FunctionId) -> bool:
        """True for `async def`."""
        info = function_info(self.db, function)
        return info is not None and info.is_async

    def has_coroutines(self, path: str) -> bool:
        """True when some function of a file is a coroutine."""
        return has_coroutines(self.db, path)

    def is_handled(self, site: Site, function: FunctionId) -> bool:
        """True when a failure at the place is caught in the same function by some handler."""
        return any(region.kind == "try" for region in enclosing(self.db, function, site.start))

    def path_class(self, path: str) -> PathClass:
        """Application code, test, example, ..."""
        return path_class(self.db, path)
