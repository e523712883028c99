"""Reports of browsers about the content policy, as somebody sends them who does not stop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus

from django.urls import reverse

from medcover.bench.client import HOST, Client
from medcover.bench.figures import Latency
from medcover.csp_reports import MOST_FROM_ONE

_BODY = json.dumps(
    {
        "csp-report": {
            "document-uri": f"https://{HOST}/events/",
            "blocked-uri": "https://cdn.example.com/x.js",
            "effective-directive": "script-src-elem",
            "line-number": 7,
        }
    }
)


@dataclass(frozen=True)
class Reports:
    """How long they took, how many statements at the most, how many were taken and how many refused."""

    latency: Latency
    statements: int
    taken: int
    refused: int


def send(port: int) -> Reports:
    """Send twice as many as are taken from one address in an hour."""
    client = Client(port)
    address = reverse("csp_report")
    answers = [client.send(address, _BODY, "application/csp-report") for _number in range(2 * MOST_FROM_ONE)]
    client.close()
    statuses = [answer.status for answer in answers]
    return Reports(
        Latency.of([answer.seconds for answer in answers]),
        max(answer.statements for answer in answers),
        statuses.count(HTTPStatus.NO_CONTENT),
        statuses.count(HTTPStatus.TOO_MANY_REQUESTS),
    )
