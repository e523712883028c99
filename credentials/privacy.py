"""Personal data in this app: what a person is qualified for, and what their invitation promised."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from credentials.models import Holding, InvitationGrant, Qualification
from medcover.common.masked_rows import mask_rows, mentioning
from roster.models import User
from roster.privacy.export import Part, Worded
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

_ENDLESS = Worded(None, _("Valid without end"))


class CredentialData(Contributor):
    """Holdings go with the person: nobody is put on duty by them any more. What was served with them stays."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out qualifications with their validity, and promised ones."""
        held = (
            Holding.objects.filter(person=person).select_related("qualification").order_by("qualification__name_sort")
        )
        rows = [{"qualification": row.qualification.name, "valid_until": row.valid_until or _ENDLESS} for row in held]
        labels = {"qualification": _("Qualification"), "valid_until": _("Valid until")}
        yield Part("qualifications", _("Qualifications"), labels, rows)
        promised = InvitationGrant.objects.filter(invitation__email=person.email).select_related("qualification")
        names = [{"qualification": row.qualification.name} for row in promised.order_by("pk")]
        yield Part("promised_qualifications", _("Qualifications granted by your invitation"), {
            "qualification": _("Qualification"),
        }, names)  # fmt: skip

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count holdings."""
        yield Finding(_("qualifications"), Holding.objects.filter(person=identity.person_id).count())

    def erase(self, erasure: Erasure) -> None:
        """Delete holdings, and mask the person where a description names them."""
        naming = mentioning(Qualification.objects.all(), ["description"], erasure.identity.elsewhere)
        mask_rows(naming.select_for_update(no_key=True).order_by("pk"), ["description"], erasure.elsewhere)
        Holding.objects.filter(person=erasure.person_id).delete()
