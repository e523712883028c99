"""Root URLconf."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from credentials.views import qualification_list
from events.views.feeds import feed
from medcover.csp_reports import csp_report
from medcover.metrics.views import metrics
from medcover.system.views import changes, feedback, healthz, readyz
from roster.views import oidc
from roster.views.access import LoginView, LogoutView
from roster.views.passwords import ForgottenPasswordView, NewPasswordView, reset_link
from roster.views.people import people_list, person_detail
from roster.views.registration import RegistrationView
from roster.views.second_step import SecondStepView

#: Each way of logging in has addresses that do not exist in the other.
local, through_provider = oidc.only_in("local"), oidc.only_in("oidc")

urlpatterns = [
    path("healthz", login_not_required(healthz), name="healthz"),
    path("readyz", login_not_required(readyz), name="readyz"),
    path("metrics", login_not_required(metrics), name="metrics"),
    path("csp-report", csp_report, name="csp_report"),
    path("login/", LoginView.as_view(), name="login"),
    path("login/code/", local(SecondStepView.as_view()), name="second_step"),
    path("login/oidc/callback/", through_provider(oidc.callback), name="oidc_callback"),
    path("login/oidc/logged-out/", through_provider(oidc.logged_out), name="oidc_logged_out"),
    path("login/oidc/backchannel-logout/", through_provider(oidc.backchannel_logout), name="oidc_backchannel_logout"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("register/<str:token>/", local(RegistrationView.as_view()), name="register"),
    path("password/forgotten/", local(ForgottenPasswordView.as_view()), name="forgotten_password"),
    path("password/new/", local(NewPasswordView.as_view()), name="new_password"),
    path("password/new/<str:token>/", local(reset_link), name="reset_link"),
    path("setup/", include("medcover.setup.urls")),
    path("feedback/", feedback, name="feedback"),
    path("changes/", changes, name="changes"),
    path("", include("notifications.urls")),
    path("profile/", include("roster.urls")),
    path("people/", people_list, name="people"),
    path("people/<uuid:pk>/", person_detail, name="person"),
    path("qualifications/", qualification_list, name="qualifications"),
    re_path(r"^ical/(?P<token>[0-9a-f]{64})\.ics$", feed, name="ical"),
    # Logging out and changing the password are the same everywhere.
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="roster:profile")),
    path("admin/", admin.site.urls),
    path("equipment/", include("equipment.urls")),
    path("public/", include("equipment.public.urls")),
    path("guides/", include("medcover.guides.urls")),
    path("debriefing/", include("debriefing.urls")),
    path("reports/", include("reports.urls")),
    path("", include("events.urls")),
]

handler400 = "medcover.system.error_pages.bad_request"
handler403 = "medcover.system.error_pages.permission_denied"
handler404 = "medcover.system.error_pages.page_not_found"
handler500 = "medcover.system.error_pages.server_error"
