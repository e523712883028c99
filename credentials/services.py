"""Services of qualifications and holdings: every change of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from credentials import rules
from credentials.models import Holding, InvitationGrant, Qualification, Substitution
from credentials.signals import deletion_requested, qualifications_changed
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import tidy
from medcover.system import audit
from roster.models import User
from roster.services import invitations, lock_person


@transaction.atomic
def save_qualification(
    qualification: Qualification,
    *,
    direct_substitutes: Collection[int],
    by: Any,
    at: datetime,
    version: int | None = None,
) -> Qualification:
    """Create or update a qualification with exactly these living substitutes.

    Links to deleted parents stay: nobody is offered them, and a save must not silently cut a chain that runs
    through one. Raises StaleRecord when `version` is not the row's, ValidationError for an empty or taken name,
    DomainError when the qualification or a parent has been deleted or the hierarchy would contain a cycle.
    """
    wanted = _checked_parents(qualification, set(direct_substitutes))
    if qualification.pk:
        _count_version(qualification, version)
    qualification.name = tidy(qualification.name)
    qualification.full_clean()
    with audit.trail(by=by):
        qualification.save()
        qualification.direct_substitutes.set(wanted)
    rebuild_closure()
    qualifications_changed.send(sender=Qualification, person_ids=None, by=by, at=at)
    return qualification


def _count_version(qualification: Qualification, version: int | None) -> None:
    """Refuse a form that was made of an older row; the graph, and with it the row, is locked."""
    stored = Qualification.objects.get(pk=qualification.pk)
    stored.expect_version(version)
    qualification.version = stored.version
    qualification.raise_version()


def _checked_parents(qualification: Qualification, parents: set[int]) -> set[int]:
    """Return what the parents will be, with the graph locked and every objection raised."""
    graph = _locked_graph()
    kept: set[int] = set()
    if qualification.pk:
        _refuse_deleted({qualification.pk})
        kept = set(qualification.direct_substitutes.filter(is_deleted=True).values_list("pk", flat=True))
        if rules.would_close_cycle(graph, qualification.pk, parents | kept):
            raise DomainError(_("The hierarchy of qualifications must not contain a cycle."))
    fresh = parents - kept
    if Qualification.objects.living().filter(pk__in=fresh).count() != len(fresh):
        raise DomainError(_("A deleted qualification cannot be superior to another."))
    return parents | kept


@transaction.atomic
def delete_qualification(qualification_id: int, *, by: Any, at: datetime) -> int:
    """Retire a qualification: it leaves all holders and lists, but still links its neighbours.

    Returns how many people lost it. Raises DomainError when it is deleted already or an app above objects
    because it is in use.
    """
    _locked_graph()
    qualification = Qualification.objects.get(pk=qualification_id)
    if qualification.is_deleted:
        raise DomainError(_("This qualification has already been deleted."))
    deletion_requested.send(sender=Qualification, qualification=qualification)
    holders = list(qualification.holdings.all())
    words = ngettext_lazy(
        "Qualification %(name)s deleted, %(count)d person held it",
        "Qualification %(name)s deleted, %(count)d people held it",
        len(holders),
    )
    summary = audit.sentence(words, {"name": qualification.name, "count": len(holders)})
    qualification.is_deleted, qualification.deleted_at = True, at
    with audit.trail(by=by, kind="delete", summary=summary):
        qualification.save()
    with audit.trail(by=by):
        for holding in holders:
            holding.delete()
    rebuild_closure()
    qualifications_changed.send(sender=Qualification, person_ids=None, by=by, at=at)
    return len(holders)


@transaction.atomic
def set_holdings(person_id: Any, wanted: Mapping[int, date | None], *, by: Any, at: datetime) -> None:
    """Make the person hold exactly these living qualifications (key → last valid day or None).

    Holdings of deleted qualifications are nobody's choice any more and stay as they are.
    """
    lock_person(person_id)
    rows = Holding.objects.living().select_for_update(of=("self",)).filter(person=person_id)
    current = {row.qualification_id: row for row in rows}
    _refuse_deleted(wanted.keys())
    with audit.trail(by=by):
        changed = [_put(person_id, key, until, current.get(key)) for key, until in wanted.items()]
        gone = [row for key, row in current.items() if key not in wanted]
        for row in gone:
            row.delete()
    if any(changed) or gone:
        qualifications_changed.send(sender=Holding, person_ids=[person_id], by=by, at=at)


@transaction.atomic
def grant(person_id: Any, qualification_id: int, *, by: Any, at: datetime, valid_until: date | None = None) -> Holding:
    """Give the person a qualification, or change until when it is valid."""
    lock_person(person_id)
    row = _locked_holding(person_id, qualification_id)
    _refuse_deleted({qualification_id})
    with audit.trail(by=by):
        changed = _put(person_id, qualification_id, valid_until, row)
    if changed:
        qualifications_changed.send(sender=Holding, person_ids=[person_id], by=by, at=at)
    return Holding.objects.get(person=person_id, qualification=qualification_id)


@transaction.atomic
def grant_at_first(wanted: Sequence[tuple[User, Qualification]], *, by: Any, at: datetime) -> None:
    """Give people who have just been created what they hold from the beginning, and announce it once for all.

    Raises DomainError when a qualification has been deleted.
    """
    if not wanted:
        return
    _refuse_deleted({qualification.pk for _person, qualification in wanted})
    rows = [Holding(person=person, qualification=qualification) for person, qualification in wanted]
    with audit.trail(by=by):
        audit.created(Holding.objects.bulk_create(rows))
    concerned = list(dict.fromkeys(row.person_id for row in rows))
    qualifications_changed.send(sender=Holding, person_ids=concerned, by=by, at=at)


@transaction.atomic
def withdraw(person_id: Any, qualification_id: int, *, by: Any, at: datetime) -> None:
    """Take a qualification from the person; nothing happens when they do not hold it."""
    lock_person(person_id)
    row = _locked_holding(person_id, qualification_id)
    if row is None:
        return
    with audit.trail(by=by):
        row.delete()
    qualifications_changed.send(sender=Holding, person_ids=[person_id], by=by, at=at)


@transaction.atomic
def invite(
    addresses: str | Iterable[str],
    *,
    qualifications: Collection[int],
    by: Any,
    at: datetime,
    subject: str = "",
    text: str = "",
) -> invitations.Invited:
    """Invite people and note what each of them is to hold once registered; all or nothing.

    Raises NotAllowed when `by` may not change qualifications of people, DomainError for a deleted qualification,
    and whatever `roster.services.invitations.invite` refuses.
    """
    if qualifications and not by.has_perm("credentials.assign_qualification"):
        raise NotAllowed
    _refuse_deleted(qualifications)
    invited = invitations.invite(addresses, subject=subject, text=text, by=by, at=at)
    with audit.trail(by=by):
        for invitation in invited.sent:
            for key in sorted(set(qualifications)):
                InvitationGrant.objects.create(invitation=invitation, qualification_id=key)
    return invited


@transaction.atomic
def grant_invited(person_id: Any, invitation_id: int, *, by: Any, at: datetime) -> None:
    """Give the person the qualifications of their invitation that have not been deleted meanwhile."""
    granted = InvitationGrant.objects.filter(invitation=invitation_id).values("qualification")
    # Locked like the graph: none of them can be deleted before the person holds it.
    living = Qualification.objects.living().select_for_update(no_key=True).filter(pk__in=granted).order_by("pk")
    wanted: dict[int, date | None] = {qualification.pk: None for qualification in living}
    if wanted:
        set_holdings(person_id, wanted, by=by, at=at)


def _locked_holding(person_id: Any, qualification_id: int) -> Holding | None:
    return Holding.objects.select_for_update().filter(person=person_id, qualification=qualification_id).first()


def _put(person_id: Any, qualification_id: int, until: date | None, row: Holding | None) -> bool:
    """Create or update one holding; say whether anything changed."""
    if row is None:
        Holding.objects.create(person_id=person_id, qualification_id=qualification_id, valid_until=until)
        return True
    if row.valid_until == until:
        return False
    row.valid_until, row.reminded_days = until, None
    row.save()
    return True


def _refuse_deleted(keys: Collection[int]) -> None:
    if Qualification.objects.living().filter(pk__in=keys).count() != len(set(keys)):
        raise DomainError(_("This qualification has been deleted."))


def _locked_graph() -> dict[int, list[int]]:
    """Lock all qualifications, so that two edits cannot close a cycle together; return child → parents.

    NO KEY: events may still come to demand a qualification, and people to hold it, meanwhile.
    """
    list(Qualification.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    graph: dict[int, list[int]] = defaultdict(list)
    for child, parent in Qualification.direct_substitutes.through.objects.values_list(
        "from_qualification", "to_qualification"
    ):
        graph[child].append(parent)
    return dict(graph)


@transaction.atomic
def rebuild_closure() -> None:
    """Make the stored closure equal to the graph; writes only the difference."""
    graph = _locked_graph()
    wanted = rules.closure(graph, Qualification.objects.living().values_list("pk", flat=True))
    stored = {(row.requirement_id, row.substitute_id): row.pk for row in Substitution.objects.all()}
    Substitution.objects.filter(pk__in=[pk for pair, pk in stored.items() if pair not in wanted]).delete()
    Substitution.objects.bulk_create(
        Substitution(requirement_id=requirement, substitute_id=substitute)
        for requirement, substitute in sorted(wanted - stored.keys())
    )
