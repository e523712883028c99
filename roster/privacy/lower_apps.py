"""Personal data in the apps below; they do not know accounts, so this app speaks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Needle, address_needle, any_of
from medcover.system import audit_history, erasing
from medcover.system.models import AuditEntry, SiteSettings, UserFeedback
from medcover.system.rules import addresses_in
from medcover.system.services import forget_exceptions
from notifications import registry as notices
from notifications.digest import erasing as digest
from notifications.erasing import forget
from notifications.models import OptOut, OutboxMessage, PushChoice, PushSubscription
from roster.models import Invitation, User
from roster.privacy.export import Labels, Part, Worded, choice
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

#: Where a name may stand; a search for somebody is part of the address of a page.
_FEEDBACK_TEXTS = ("message", "page")

_TYPE: Labels = {"type": pgettext_lazy("message", "Type")}


class InstallationData(Contributor):
    """Addresses in the settings of the installation; the settings row is locked before everything else."""

    def objections(self, identity: Identity, *, at: datetime) -> Iterator[str]:
        """Keep an address that mails are sent from until there is another."""
        site = SiteSettings.load()
        if any_of(map(address_needle, identity.addresses)).is_in(f"{site.smtp_sender} {site.smtp_user}"):
            yield _(
                "Mails are sent from this person's address. Change the mail server's sender or login in the settings."
            )

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count exceptions from the block of mails."""
        allowed = set(addresses_in(SiteSettings.load().mail_block_allowed))
        yield Finding(
            gettext_lazy("addresses among the exceptions from the block of mails"), len(allowed & identity.addresses)
        )

    def erase(self, erasure: Erasure) -> None:
        """Delete the addresses of the person from the exceptions."""
        forget_exceptions(erasure.identity.addresses)


class FeedbackData(Contributor):
    """What the person wrote about the application, and where others name them in theirs."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out what the person wrote, with what their browser added."""
        columns: Labels = {
            "submitted": gettext_lazy("Time"),
            "page": gettext_lazy("Page"),
            "message": gettext_lazy("Feedback"),
            "user_agent": gettext_lazy("Browser"),
            "screen": gettext_lazy("Screen"),
            "app_version": gettext_lazy("Version of the application"),
        }
        rows = UserFeedback.objects.filter(user=person).order_by("submitted", "id").values(*columns)
        yield Part("feedback", gettext_lazy("Your feedback"), columns, list(rows))

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count what the person wrote, and where others name them."""
        own = UserFeedback.objects.filter(user=identity.person_id)
        naming = _naming(identity.elsewhere).exclude(user=identity.person_id)
        yield Finding(gettext_lazy("feedback about the application"), own.count())
        yield Finding(gettext_lazy("name and contacts in feedback of others"), naming.count())

    def erase(self, erasure: Erasure) -> None:
        """Delete the one, mask the other."""
        UserFeedback.objects.filter(user=erasure.person_id).delete()
        found = _naming(erasure.elsewhere.needle).select_for_update(of=("self",)).order_by("pk")
        mask_rows(found, _FEEDBACK_TEXTS, erasure.elsewhere)


def _naming(needle: Needle) -> Any:
    """Feedback in whose words or page somebody stands."""
    return mentioning(UserFeedback.objects.all(), _FEEDBACK_TEXTS, needle)


class DigestData(Contributor):
    """Texts of the admin digest, which administrators write themselves."""

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count the texts that name the person."""
        yield Finding(
            gettext_lazy("name and contacts in texts of the admin digest"), digest.count_mentions(identity.elsewhere)
        )

    def erase(self, erasure: Erasure) -> None:
        """Mask them; the digest's row is locked before messages."""
        digest.mask_texts(erasure.elsewhere)


class MessageData(Contributor):
    """Mails that wait, are sent or were given up."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out what was sent when; bodies may hold links, and are made only at the moment of sending anyway."""
        columns = {
            "type": pgettext_lazy("message", "Type"),
            "channel": gettext_lazy("Way"),
            "subject": gettext_lazy("Subject"),
            "address": gettext_lazy("E-mail"),
            "status": gettext_lazy("State"),
            "created_at": gettext_lazy("Created"),
            "sent_at": gettext_lazy("Sent"),
        }
        found = OutboxMessage.objects.to_person(person.pk, [person.email]).order_by("created_at", "id")
        yield Part("messages", gettext_lazy("Messages to you"), columns, [_message(row) for row in found])
        declined = OptOut.objects.filter(person=person).order_by("code").values_list("code", flat=True)
        wishes = [{"type": Worded(code, notices.name_of(code))} for code in declined]
        yield Part("declined_notifications", gettext_lazy("Notifications you do not want"), _TYPE, wishes)
        yield _devices(person)
        yield _push_choices(person)

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count messages to the person and those that name them."""
        own = OutboxMessage.objects.to_person(identity.person_id, identity.addresses)
        naming = OutboxMessage.objects.mentioning(identity.elsewhere).exclude(pk__in=own.values("pk"))
        yield Finding(gettext_lazy("messages to the person, sent and waiting"), own.count())
        yield Finding(gettext_lazy("name and contacts in messages to others"), naming.count())
        declined = OptOut.objects.filter(person=identity.person_id)
        chosen = PushChoice.objects.filter(person=identity.person_id)
        yield Finding(gettext_lazy("choices of notifications"), declined.count() + chosen.count())
        devices = PushSubscription.objects.of(identity.person_id)
        yield Finding(gettext_lazy("browsers that get notifications"), devices.count())

    def erase(self, erasure: Erasure) -> None:
        """Delete the ones, mask the others."""
        for rows in (OptOut, PushChoice, PushSubscription):
            rows.objects.filter(person=erasure.person_id).delete()
        forget(erasure.person_id, erasure.identity.addresses, erasure.elsewhere)


def _devices(person: User) -> Part:
    """Give out which browsers get notifications; where they are written to is a secret of theirs."""
    columns: Labels = {
        "device": gettext_lazy("Device"),
        "created": gettext_lazy("Created"),
        "last_used": gettext_lazy("Last notification"),
    }
    found = PushSubscription.objects.of(person.pk)
    rows = [{"device": row.name, "created": row.created, "last_used": row.last_used} for row in found]
    return Part("devices", gettext_lazy("Browsers with notifications"), columns, rows)


def _push_choices(person: User) -> Part:
    decided = sorted(PushChoice.objects.of(person.pk).items())
    rows = [{"type": Worded(code, notices.name_of(code)), "wanted": wanted} for code, wanted in decided]
    columns = {**_TYPE, "wanted": gettext_lazy("Wanted")}
    return Part("push_choices", gettext_lazy("Choice of notifications in browsers"), columns, rows)


def _message(row: OutboxMessage) -> dict[str, Any]:
    return {
        "type": Worded(row.code, notices.name_of(row.code)),
        "channel": choice(row, "channel"),
        "subject": row.subject,
        "address": row.to_email,
        "status": choice(row, "status"),
        "created_at": row.created_at,
        "sent_at": row.sent_at,
    }


class RecordData(Contributor):
    """The audit record; masked last, so that nothing the others leave there stays readable."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out what the person did and what happened to them, newest first."""
        columns: Labels = {
            "at": gettext_lazy("Time"),
            "actor": gettext_lazy("User"),
            "kind": gettext_lazy("Kind"),
            "entity": gettext_lazy("Entity"),
            "key": "",
            "summary": gettext_lazy("Summary"),
            "changes": gettext_lazy("Changes"),
        }
        found = erasing.entries_concerning(person.pk).select_related("actor", "content_type").order_by("-id")
        yield Part("record", gettext_lazy("Audit record"), columns, _entries(person, list(found)))

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count the entries in which the person can be read."""
        count = erasing.count_mentions(identity.person_id, own=identity.own, elsewhere=identity.elsewhere)
        yield Finding(gettext_lazy("name and contacts in entries of the audit record"), count)

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Count the entries that will speak of the pseudonym."""
        count = erasing.entries_concerning(identity.person_id).count()
        yield Finding(gettext_lazy("entries of the audit record about the person and what they did"), count)

    def erase(self, erasure: Erasure) -> None:
        """Put the pseudonym into the entries."""
        erasing.mask_record(erasure.person_id, own=erasure.own, elsewhere=erasure.elsewhere)


def _entries(person: User, entries: list[AuditEntry]) -> list[dict[str, Any]]:
    invited = {str(key) for key in Invitation.objects.filter(email=person.email).values_list("pk", flat=True)}
    told = zip(entries, audit_history.lines_of(entries), strict=True)
    return [_entry(entry, line, person, invited) for entry, line in told]


def _entry(entry: AuditEntry, line: audit_history.Line, person: User, invited: set[str]) -> dict[str, Any]:
    model = entry.content_type.model_class()
    code = f"{entry.content_type.app_label}.{entry.content_type.model}"
    return {
        "at": entry.timestamp,
        "actor": line.actor or _("System"),
        "kind": Worded(entry.kind, line.kind),
        "entity": Worded(code, capfirst(str(model._meta.verbose_name)) if model else code),
        "key": entry.object_pk,
        "summary": line.summary if _may_be_told(entry, model, person, invited) else None,
        "changes": _changes(entry, line) if entry.object_pk == str(person.pk) else None,
    }


def _may_be_told(entry: AuditEntry, model: Any, person: User, invited: set[str]) -> bool:
    """What the person did with accounts and invitations of others speaks of those others."""
    if model is User:
        return bool(entry.object_pk == str(person.pk))
    return model is not Invitation or entry.object_pk in invited


def _changes(entry: AuditEntry, line: audit_history.Line) -> Worded:
    return Worded(entry.changes, "\n".join(f"{change.label}: {change.text}" for change in line.changes))
