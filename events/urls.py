"""URLs of the member pages about events."""

from __future__ import annotations

from django.urls import path

from events.views import (
    assign,
    calendar,
    crew,
    dashboard,
    detail,
    handover,
    history,
    listing,
    masters,
    message,
    printing,
    waiting,
)

app_name = "events"

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("events/", listing.event_list, name="list"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feed/", calendar.calendar_feed, name="calendar_feed"),
    path("events/print/", printing.print_list, name="print"),
    path("events/<int:pk>/", detail.event_detail, name="detail"),
    path("events/<int:pk>/history/", history.event_history, name="history"),
    path("events/<int:pk>/join/", crew.choose_position, name="join"),
    path("events/<int:pk>/signup/", crew.sign_up, name="signup"),
    path("events/<int:pk>/assign/", assign.assign, name="assign"),
    path("events/<int:pk>/people/<uuid:person>/remove/", assign.remove, name="remove"),
    path("events/<int:pk>/leader/", assign.choose_leader, name="leader"),
    path("events/<int:pk>/message/", message.write_message, name="message"),
    path("events/<int:pk>/leave/", crew.leave, name="leave"),
    path("events/<int:pk>/transition/<slug:code>/", detail.transition, name="transition"),
    path("master-events/<int:pk>/", masters.master_event, name="master"),
    path("positions/<int:pk>/claim/", crew.claim, name="claim"),
    path("events/<int:pk>/queue/", waiting.queue, name="queue"),
    path("events/<int:pk>/unqueue/", waiting.unqueue, name="unqueue"),
    path("offers/<int:pk>/accept/", waiting.accept, name="accept_offer"),
    path("offers/<int:pk>/decline/", waiting.decline, name="decline_offer"),
    path("events/<int:pk>/hand-over/", handover.hand_over, name="hand_over"),
    path("hand-overs/<int:pk>/<slug:code>/", handover.answer, name="answer_hand_over"),
]
