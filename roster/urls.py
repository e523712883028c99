"""URLs of the pages about oneself, below /profile/."""

from __future__ import annotations

from django.urls import path, re_path

from roster.views import own_data, profile, second_factor, signature, theme
from roster.views.oidc import only_in

app_name = "roster"

#: Where a provider knows the people, passwords and second factors are its matter.
local = only_in("local")

urlpatterns = [
    path("", profile.ProfileView.as_view(), name="profile"),
    path("preferences/", profile.PreferencesView.as_view(), name="preferences"),
    path("notifications/", profile.NoticesView.as_view(), name="notices"),
    path("signature/", signature.SignatureView.as_view(), name="signature"),
    path("signature/delete/", signature.DeleteSignatureView.as_view(), name="signature_delete"),
    path("signature/picture/", signature.picture, name="signature_picture"),
    path("password/", local(profile.PasswordView.as_view()), name="password"),
    path("second-factor/", local(second_factor.SecondFactorView.as_view()), name="second_factor"),
    path("second-factor/setup/", local(second_factor.SetupView.as_view()), name="second_factor_setup"),
    path("second-factor/codes/", local(second_factor.RenewCodesView.as_view()), name="second_factor_codes"),
    path("second-factor/off/", local(second_factor.SwitchOffView.as_view()), name="second_factor_off"),
    re_path(r"^calendar-link/(?P<which>own|all)/$", profile.renew_calendar_link, name="calendar_link"),
    path("calendar-guide/", profile.calendar_guide, name="calendar_guide"),
    path("data/", own_data.OwnDataView.as_view(), name="own_data"),
    path("theme/", theme.theme, name="theme"),
]
