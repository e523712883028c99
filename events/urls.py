"""Addresses of the member pages about events."""

from __future__ import annotations

from django.urls import path

from events.views import crew, dashboard, detail, handover, listing, waiting

app_name = "events"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("events/", listing.event_list, name="list"),
    path("events/<int:pk>/", detail.event_detail, name="detail"),
    path("events/<int:pk>/join/", crew.choose_position, name="join"),
    path("events/<int:pk>/leave/", crew.leave, name="leave"),
    path("events/<int:pk>/transition/<slug:code>/", detail.transition, name="transition"),
    path("positions/<int:pk>/claim/", crew.claim, name="claim"),
    path("events/<int:pk>/queue/", waiting.queue, name="queue"),
    path("events/<int:pk>/unqueue/", waiting.unqueue, name="unqueue"),
    path("offers/<int:pk>/accept/", waiting.accept, name="accept_offer"),
    path("offers/<int:pk>/decline/", waiting.decline, name="decline_offer"),
    path("events/<int:pk>/hand-over/", handover.hand_over, name="hand_over"),
    path("hand-overs/<int:pk>/<slug:code>/", handover.answer, name="answer_hand_over"),
]
